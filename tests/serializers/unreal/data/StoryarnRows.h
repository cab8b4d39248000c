// Row structs of Storyarn's data tables. Paste this file into your game module's Public directory.

#pragma once

#include "CoreMinimal.h"
#include "Engine/DataTable.h"
#include "Engine/Texture2D.h"
#include "Sound/SoundBase.h"
#include "StoryarnRows.generated.h"

/** A line that is said. Row type of DT_DialogueLines. */
USTRUCT(BlueprintType)
struct FStoryarnDialogueLine : public FTableRowBase
{
	GENERATED_BODY()

	/** The conversation that it belongs to. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FName Conversation;

	/** The node in Conversations.json. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString NodeId;

	/** Row of DT_Characters; None if nobody speaks. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FName Speaker;

	/** The line. A format pattern if there are Arguments. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FText Text;

	/** The key of the text in the string table. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString TextKey;

	/** The line for a rich text block, if it has styles. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FText RichText;

	/** Rows of DT_Variables whose values are put in. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	TArray<FString> Arguments;

	/** What Text says in the source language, for people. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString SourceText;

	/** A short form of the line. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FText MenuText;

	/** How the line is said. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FText StageDirections;

	/** The writers' own name of the line. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString TechnicalId;

	/** The voice-over in the source language. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	TSoftObjectPtr<USoundBase> AudioCue;

	/** The speaker's picture for this line. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	TSoftObjectPtr<UTexture2D> Portrait;

	/** Row of DT_Characters of the place. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FName Location;

	/** Rows of DT_Choices, in their order. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	TArray<FName> Choices;

	/** The node that follows a line without choices. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString NextNode;

	/** The line that follows directly, if a line does. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FName NextLine;
};

/** A response that the player may take. Row type of DT_Choices. */
USTRUCT(BlueprintType)
struct FStoryarnChoice : public FTableRowBase
{
	GENERATED_BODY()

	/** The conversation that it belongs to. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FName Conversation;

	/** The node in Conversations.json. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString NodeId;

	/** Row of DT_DialogueLines that it answers. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FName Line;

	/** The response in Storyarn. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString ResponseId;

	/** What it says. A format pattern if there are Arguments. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FText Text;

	/** The key of the text in the string table. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString TextKey;

	/** Rows of DT_Variables whose values are put in. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	TArray<FString> Arguments;

	/** What Text says in the source language, for people. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString SourceText;

	/** Row of DT_Conditions; None: always on offer. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FName Condition;

	/** Row of DT_Instructions that runs when it is taken. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FName Instruction;

	/** The node that follows; empty: the story ends. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString NextNode;

	/** The line that follows directly, if a line does. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FName NextLine;
};

/** A question about variables. Row type of DT_Conditions. */
USTRUCT(BlueprintType)
struct FStoryarnCondition : public FTableRowBase
{
	GENERATED_BODY()

	/** The conversation that it belongs to. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FName Conversation;

	/** The node in Conversations.json. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString NodeId;

	/** The output or response that is open if it holds. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString Pin;

	/** The question in Storyarn's expressions for Unreal. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString Expression;

	/** The same as Storyarn shows it. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString Original;
};

/** A change of variables. Row type of DT_Instructions. */
USTRUCT(BlueprintType)
struct FStoryarnInstruction : public FTableRowBase
{
	GENERATED_BODY()

	/** The conversation that it belongs to. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FName Conversation;

	/** The node in Conversations.json. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString NodeId;

	/** Assignments, one a line. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString Statements;

	/** The same as Storyarn shows them. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString Original;

	/** The writers' note. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString Description;
};

/** A sheet: a character, a place, a thing. Row type of DT_Characters. */
USTRUCT(BlueprintType)
struct FStoryarnCharacter : public FTableRowBase
{
	GENERATED_BODY()

	/** Its name. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FText DisplayName;

	/** The key of the name in the string table. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString DisplayNameKey;

	/** The name in the source language. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString SourceName;

	/** Its name in expressions of Storyarn. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString Shortcut;

	/** What the writers say of it. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString Description;

	/** Its colour, #RRGGBB. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString Color;

	/** The row that it stands under. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FName Parent;

	/** Its usual picture. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	TSoftObjectPtr<UTexture2D> Portrait;

	/** What is written on the sheet, as texts. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	TMap<FString, FString> Properties;
};

/** A variable; the row's name is its name in expressions. Row type of DT_Variables. */
USTRUCT(BlueprintType)
struct FStoryarnVariable : public FTableRowBase
{
	GENERATED_BODY()

	/** Its full name in Storyarn. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString VariableId;

	/** The shortcut of its sheet, pin or zone. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString Sheet;

	/** Its name on the sheet. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString VariableName;

	/** Its type in Storyarn. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString Type;

	/** What DefaultValue is: Number, Text, Boolean or None. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString Kind;

	/** Its value when a story begins. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString DefaultValue;

	/** That value as a text to be shown, if it has translations. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FText DisplayText;

	/** How it is worked out, if it is. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString Formula;

	/** Formulas are worked out in this order; 0: none. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	int32 FormulaOrder = 0;

	/** Symbols of the formula with their rows of DT_Variables. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	TMap<FString, FString> Bindings;
};

/** A recording of a line or response in another language. Row type of DT_VoiceOver. */
USTRUCT(BlueprintType)
struct FStoryarnVoiceOver : public FTableRowBase
{
	GENERATED_BODY()

	/** Row of DT_DialogueLines or DT_Choices. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FName Line;

	/** The culture, such as pt-BR. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString Culture;

	/** The recording. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	TSoftObjectPtr<USoundBase> AudioCue;
};

/** A media file of the project. Row type of DT_Media. */
USTRUCT(BlueprintType)
struct FStoryarnMedia : public FTableRowBase
{
	GENERATED_BODY()

	/** Where paths of this export expect it; empty: nowhere. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString AssetPath;

	/** Its file in this archive, if media are bundled. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString File;

	/** Its name in Storyarn. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString FileName;

	/** Its key in Storyarn's storage. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString StorageKey;

	/** What it is. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString ContentType;

	/** The hash of its bytes, if it is known. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")
	FString Sha256;
};
