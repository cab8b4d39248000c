// Mini 🎲

VAR characters_health = 50
VAR door_hidden = false
VAR mc_2Emira_title = "Twin"
VAR mc_mira_alive = false
VAR mc_mira_bio = "<p>Met <span class=\"mention\" data-type=\"sheet\" data-id=\"203\">Bob</span></p>"
VAR mc_mira_born = "2026-01-31"
VAR mc_mira_class = "mage"
VAR mc_mira_health = 12345678901234567168.0
VAR mc_mira_stats_str_bonus = 12345678901234567168.0
VAR mc_mira_stats_str_owner = "npc.bob"
VAR mc_mira_stats_str_value = 18
VAR mc_mira_stats_wits_bonus = 0
VAR mc_mira_stats_wits_owner = "nil"
VAR mc_mira_stats_wits_value = 0
VAR mc_mira_tags = "brave"
VAR mc_mira_title = "Captain \"Å\" of 2 seas"
VAR mira_hidden = false
VAR mira_is_leader = true
VAR mira_is_playable = true
VAR npc_bob_health = 0
VAR spot_hidden = false
VAR spot_is_leader = false
VAR spot_is_playable = false
VAR storyarn_exit = ""
VAR storyarn_failed = false

-> act1_tavern

// Act 1
=== act1 ===
-> END

// Act 1/Tavern\/Inn
=== act1_tavern ===
-> act1_tavern.body ->
-> END
= body
Hello, {mc_mira_title}! You owe me 1e2 🍺. #speaker:mc.mira #line:flow_node.dialogue_aaa.text #voice:media/theme.mp3 #stage:wipes the bar #menu:Greet #portrait:media/mira_102.webp #id:inn_1 #sequence:611
+ {mc_mira_health > 50} [Buy ale #line:flow_node.dialogue_aaa.response.response_a.text]
    ~ mc_mira_health = MIN(MAX(mc_mira_health - 5, 0), 100)
    ~ storyarn_formulas()
    {
    - mc_mira_class == "mage":
        ~ mc_mira_health = MIN(MAX(mc_mira_health + mc_mira_stats_str_value, 0), 100)
        ~ storyarn_formulas()
    }
    -> act1_fight.body ->
    {
    - storyarn_exit == "622":
    - else:
        … #line:flow_node.612.text #sequence:Opening
        -> END
    }
+ [Leave #line:flow_node.dialogue_aaa.response.response_b.text]
    ~ mc_mira_alive = true
-
~ storyarn_exit = "608"
-> END

// Act 1/Fight
=== act1_fight ===
-> act1_fight.body ->
-> END
= body
~ storyarn_exit = "622"
->->

// Epilogue
=== flow_504 ===
-> END

=== function storyarn_date(text)
~ temp marked = "␂" + text
~ temp seen = "␂"
~ temp number = 0
~ storyarn_digit(marked, seen, number)
~ storyarn_digit(marked, seen, number)
~ storyarn_digit(marked, seen, number)
~ storyarn_digit(marked, seen, number)
~ seen = seen + "-"
~ storyarn_digit(marked, seen, number)
~ storyarn_digit(marked, seen, number)
~ seen = seen + "-"
~ storyarn_digit(marked, seen, number)
~ storyarn_digit(marked, seen, number)
{ marked == seen:
    ~ return number
}
~ return -1

=== function storyarn_digit(marked, ref seen, ref number)
~ number = number * 10
{
- marked ? (seen + "0"):
    ~ seen = seen + "0"
    ~ number = number + 0
- marked ? (seen + "1"):
    ~ seen = seen + "1"
    ~ number = number + 1
- marked ? (seen + "2"):
    ~ seen = seen + "2"
    ~ number = number + 2
- marked ? (seen + "3"):
    ~ seen = seen + "3"
    ~ number = number + 3
- marked ? (seen + "4"):
    ~ seen = seen + "4"
    ~ number = number + 4
- marked ? (seen + "5"):
    ~ seen = seen + "5"
    ~ number = number + 5
- marked ? (seen + "6"):
    ~ seen = seen + "6"
    ~ number = number + 6
- marked ? (seen + "7"):
    ~ seen = seen + "7"
    ~ number = number + 7
- marked ? (seen + "8"):
    ~ seen = seen + "8"
    ~ number = number + 8
- marked ? (seen + "9"):
    ~ seen = seen + "9"
    ~ number = number + 9
- else:
    ~ seen = seen + "␃"
}

=== function storyarn_formulas()
~ mc_mira_stats_str_bonus = (FLOOR((FLOAT((0 - 10)) / 2)) + mc_mira_health)
~ return true
