"""The Tide Clock of Halfwater: one night, one letter, and a town that sleeps below the flood.

The last sack of the night holds a letter for whoever still winds the tide clock. Nobody does. A
young carrier has until dawn to find the key, the keeper, or at least some soup.
"""
