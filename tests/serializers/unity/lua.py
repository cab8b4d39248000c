"""The two machines that the plugin's Lua runs in: a real one, and its own small one."""

from collections.abc import Mapping
from typing import Any, Protocol

from lupa.lua51 import LuaError, LuaRuntime

from tests.expressions.emitters import unity_interpreter


class Machine(Protocol):
    """Holds the table ``Variable``."""

    errors: list[str]

    def fill(self, variables: Mapping[str, Any]) -> None:
        """Begin with these variables."""

    def holds(self, condition: str) -> bool:
        """A condition; a blank one holds, one that fails does not."""

    def run(self, script: str) -> None:
        """A script."""

    def value(self, index: str) -> Any:
        """A variable; None is nil."""

    def shown(self, index: str) -> str:
        """A variable as it is put into a text."""


class RealLua:
    """Lua 5.1 without ways out of it."""

    def __init__(self) -> None:
        self._lua = LuaRuntime(register_eval=False, register_builtins=False)
        self._lua.execute("os, io, require, package, debug = nil")
        self.errors: list[str] = []

    def fill(self, variables: Mapping[str, Any]) -> None:
        self.errors = []
        filled = {name: x for name, x in variables.items() if x is not None}
        self._lua.globals()["Variable"] = self._lua.table_from(filled)

    def holds(self, condition: str) -> bool:
        if not condition:
            return True
        try:
            value = self._lua.execute(f"return {condition}")
        except LuaError as error:
            self.errors.append(f"{condition}: {error}")
            return False
        return value is True or (isinstance(value, str) and value.lower() == "true")

    def run(self, script: str) -> None:
        try:
            self._lua.execute(script)
        except LuaError as error:
            self.errors.append(f"{script}: {error}")

    def value(self, index: str) -> Any:
        return self._lua.globals()["Variable"][index]

    def shown(self, index: str) -> str:
        return str(self._lua.globals()["tostring"](self.value(index)))


class PluginLua:
    """The model of the plugin's own interpreter."""

    def __init__(self) -> None:
        self._table: dict[str, Any] = {}
        self.errors: list[str] = []

    def fill(self, variables: Mapping[str, Any]) -> None:
        self.errors = []
        self._table = {name: x for name, x in variables.items() if x is not None}

    def holds(self, condition: str) -> bool:
        if not condition:
            return True
        try:
            return unity_interpreter.check(condition, self._table)
        except unity_interpreter.UnityError as error:
            self.errors.append(f"{condition}: {error}")
            return False

    def run(self, script: str) -> None:
        try:
            self._table = unity_interpreter.run(script, self._table)
        except unity_interpreter.UnityError as error:
            self.errors.append(f"{script}: {error}")

    def value(self, index: str) -> Any:
        return self._table.get(index)

    def shown(self, index: str) -> str:
        value = self.value(index)
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, int | float):
            return f"{value:.15g}".replace("e+", "E+").replace("e-", "E-")
        return "nil" if value is None else str(value)
