"""Conditions and assignments: one small tree, read from JSON or text, printed, and evaluated.

``stored`` reads the structured forms that Storyarn keeps, ``parser`` reads text, ``printer``
and ``structure`` write both again, ``evaluate`` plays them as Storyarn does.
"""
