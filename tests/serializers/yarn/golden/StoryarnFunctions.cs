// Functions that the exported Yarn files call and Yarn Spinner does not have.
// Put this file anywhere among the scripts of the game.

using System;
using Yarn.Unity;

public static class StoryarnFunctions
{
    // the quotient, which is no number if the second is 0
    [YarnFunction("formula_divide")]
    public static float FormulaDivide(float x, float y)
    {
        return y == 0f ? float.NaN : x / y;
    }

    // the nearest whole number below
    [YarnFunction("formula_floor")]
    public static float FormulaFloor(float x)
    {
        return (float)Math.Floor(x);
    }

    // the number itself, or 0 for one that is infinite or none
    [YarnFunction("formula_result")]
    public static float FormulaResult(float x)
    {
        return float.IsNaN(x) || float.IsInfinity(x) ? 0f : x;
    }
}
