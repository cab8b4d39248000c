"""The C++ header with the row structs, made from the tables."""

from collections.abc import Mapping

from storyarn_pipelines.serializers.unreal.tables import TABLES, Kind, Table

HEADER = "StoryarnRows.h"

_TYPES: Mapping[Kind, str] = {
    "name": "FName",
    "string": "FString",
    "text": "FText",
    "integer": "int32",
    "names": "TArray<FName>",
    "strings": "TArray<FString>",
    "map": "TMap<FString, FString>",
    "sound": "TSoftObjectPtr<USoundBase>",
    "texture": "TSoftObjectPtr<UTexture2D>",
}
_START = """\
// Row structs of Storyarn's data tables. Paste this file into your game module's Public directory.

#pragma once

#include "CoreMinimal.h"
#include "Engine/DataTable.h"
#include "Engine/Texture2D.h"
#include "Sound/SoundBase.h"
#include "StoryarnRows.generated.h"
"""


def header() -> str:
    """The file. It holds nothing of the project, so that it changes with the format only."""
    return "\n".join([_START, *map(_struct, TABLES)])


def _struct(table: Table) -> str:
    lines = [
        f"/** {table.about} Row type of {table.name}. */",
        "USTRUCT(BlueprintType)",
        f"struct {table.struct} : public FTableRowBase",
        "{",
        "\tGENERATED_BODY()",
    ]
    for column in table.columns:
        start = " = 0" if column.kind == "integer" else ""
        lines += [
            "",
            f"\t/** {column.about} */",
            '\tUPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Storyarn")',
            f"\t{_TYPES[column.kind]} {column.name}{start};",
        ]
    return "\n".join([*lines, "};", ""])
