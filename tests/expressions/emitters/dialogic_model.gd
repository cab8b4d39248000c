extends SceneTree

# Does in Godot's own Expression what Dialogic 2 does with `set` and `if` events. Reads
# cases.json, {"worlds": [{name: literal}], "asked": [expression], "changes": [events]}, and
# writes results.json: by world {"asked": [bool], "left": [{name: value}]}, and errors.

var values := {}
var errors := []


func _init() -> void:
	var cases: Dictionary = JSON.parse_string(FileAccess.get_file_as_string("res://cases.json"))
	var results := []
	for world: Dictionary in cases["worlds"]:
		var start := {}
		for key: String in world:
			start[key] = str_to_var(world[key])
		values = start
		var asked: Array = cases["asked"].map(holds)
		var left := []
		for events: String in cases["changes"]:
			values = start.duplicate()
			change(events)
			left.append(values)
		results.append({"asked": asked, "left": left})
	var out := FileAccess.open("res://results.json", FileAccess.WRITE)
	out.store_string(JSON.stringify({"worlds": results, "errors": errors}, "", false, true))
	out.close()
	quit()


func holds(condition: String) -> bool:
	return true if computed(condition) else false


func change(events: String) -> void:
	var runs := true
	for line in events.split("\n", false):
		if line.begins_with("if ") and line.ends_with(":"):
			runs = holds(line.trim_prefix("if ").trim_suffix(":"))
		elif line.begins_with("\t"):
			if runs:
				put(line.strip_edges())
		else:
			put(line)


# A `set` event. Plain texts lose their quotes and are put between new ones.
func put(line: String) -> void:
	var form := RegEx.create_from_string("^set(?<name>[^=+\\-*\\/]*)(?<sign>=)(?<value>.*)$")
	var found := form.search(line)
	if found == null:
		errors.append("no event: " + line)
		return
	var key := found.get_string("name").strip_edges().replace("{", "").replace("}", "")
	var value := found.get_string("value").strip_edges()
	var quotes := value.count("\"") - value.count("\\\"")
	if value.begins_with("\"") and value.ends_with("\"") and quotes == 2:
		value = "\"" + value.replace("\"", "") + "\""
	var result: Variant = computed(value)
	if values.get(key) == null or result == null:
		errors.append("nothing is set: " + line)
		return
	values[key] = result


func computed(text: String) -> Variant:
	if text.begins_with("{") and text.ends_with("}") and text.count("{") == 1:
		return values.get(text.trim_prefix("{").trim_suffix("}"))
	for word: String in ["range(", "len(", "regex("]:
		text = text.replace(word, "d_" + word)
	for found in RegEx.create_from_string("{([^{}]*)}").search_all(text):
		text = text.replace(found.get_string(), var_to_str(values.get(found.get_string(1))))
	var expression := Expression.new()
	# Dialogic drops what follows a whole expression without a word; in parentheses it shows.
	if expression.parse("(" + text + ")") != OK:
		errors.append(text + ": " + expression.get_error_text())
		return null
	var result: Variant = expression.execute()
	if expression.has_execute_failed():
		errors.append(text + ": " + expression.get_error_text())
		return null
	return result
