"""A story as its readers meet it: variables, formulas, texts, graphs, and the reference player.

``index`` holds what a play needs of a project, ``graph`` one flow of it, ``player`` plays by
Storyarn's rules, ``trace`` records what was said, chosen and changed, ``script`` prints it.
"""
