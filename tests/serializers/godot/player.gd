extends Node

# Plays timelines with the real Dialogic. Reads res://_test/plays.json, [{"timeline", "seed"}], and
# writes res://_test/results.json: by play {"events", "values", "errors", "ended"}.

const MOST_EVENTS := 6000


class Listener extends Logger:
	var found: Array[String] = []
	var lock := Mutex.new()

	func _log_error(_function: String, _file: String, _line: int, code: String, rationale: String, _notify: bool, kind: int, _traces: Array[ScriptBacktrace]) -> void:
		if kind != 1:
			_add(rationale if rationale else code)

	func _log_message(message: String, is_error: bool) -> void:
		if is_error:
			_add(message)

	func _add(message: String) -> void:
		lock.lock()
		found.append(message.strip_edges())
		lock.unlock()


var listener := Listener.new()
var events: Array = []
var state := 0
var question: Variant = null
var over := false
var handled := 0
var last_frame := 0


func _ready() -> void:
	OS.add_logger(listener)
	ProjectSettings.set_setting("dialogic/text/letter_speed", 0.0)
	ProjectSettings.set_setting("dialogic/text/text_reveal_skip_delay", 0.0)
	ProjectSettings.set_setting("dialogic/text/autopauses", {})
	Dialogic.Choices.reveal_delay = 0.0
	Dialogic.Choices.reveal_by_input = false
	Dialogic.Choices.block_delay = 0.001
	Dialogic.event_handled.connect(func(_event: Variant) -> void: seen())
	Dialogic.timeline_ended.connect(func() -> void: over = true)
	Dialogic.Text.text_started.connect(heard)
	Dialogic.Choices.question_shown.connect(func(info: Dictionary) -> void: question = info)
	await get_tree().process_frame
	var plays: Array = JSON.parse_string(FileAccess.get_file_as_string("res://_test/plays.json"))
	var results := []
	for play: Dictionary in plays:
		results.append(await played(play.timeline, int(play.seed)))
	var out := FileAccess.open("res://_test/results.json", FileAccess.WRITE)
	out.store_string(JSON.stringify(results, "", false, true))
	out.close()
	get_tree().quit()


func seen() -> void:
	handled += 1
	last_frame = Engine.get_process_frames()
	if handled > MOST_EVENTS:
		Dialogic.paused = true


func heard(info: Dictionary) -> void:
	var speaker: Variant = null
	if info.character:
		speaker = Dialogic.Text.get_character_name_parsed(info.character)
	var text: String = info.text
	for node in get_tree().get_nodes_in_group("dialogic_dialog_text"):
		if node is RichTextLabel:
			text = node.get_parsed_text()
	var sounds := {}
	for channel: String in Dialogic.Audio.info:
		sounds[channel] = Dialogic.Audio.info[channel].path
	events.append(["say", speaker, text, Dialogic.Backgrounds.argument, sounds])


func played(timeline: String, seed_: int) -> Dictionary:
	events = []
	state = seed_ % 2147483646 + 1
	question = null
	over = false
	handled = 0
	await Dialogic.clear()
	Dialogic.VAR.reset()
	Dialogic.Inputs.auto_skip.disable_on_user_input = false
	Dialogic.Inputs.auto_skip.disable_on_unread_text = false
	Dialogic.Inputs.auto_skip.time_per_event = 0.001
	Dialogic.Inputs.auto_skip.enabled = true
	listener.found.clear()
	last_frame = Engine.get_process_frames()
	Dialogic.start(timeline)
	while not over and handled <= MOST_EVENTS:
		await get_tree().process_frame
		var still := Engine.get_process_frames() - last_frame
		if still > 1200:
			listener.found.append("stuck")
			break
		if question != null:
			answer()
		elif Dialogic.current_state != DialogicGameHandler.States.WAITING:
			Dialogic.Inputs.auto_skip.enabled = true
			if still > 20 and still % 20 == 0:
				Dialogic.Inputs.handle_input()
	var values := {}
	flatten(Dialogic.VAR.var_storage, "", values)
	var result := {"events": events, "values": values, "errors": listener.found.duplicate(), "ended": over}
	if not over:
		Dialogic.Choices.hide_all_choices()
		Dialogic.clear()
		Dialogic.paused = false
		for i in 30:
			await get_tree().process_frame
	return result


func answer() -> void:
	var usable: Array = question.choices.filter(func(x: Dictionary) -> bool: return x.visible and not x.disabled)
	if usable.is_empty():
		question = null
		return
	if not Dialogic.Choices._choice_blocker.is_stopped():
		return
	question = null
	var index := 0
	if usable.size() > 1:
		state = state * 48271 % 2147483647
		index = state % usable.size()
	events.append(["choose", usable.map(func(x: Dictionary) -> String: return x.text), index])
	last_frame = Engine.get_process_frames()
	if Dialogic.Choices.get_choice_button(usable[index].button_index):
		Dialogic.Choices.select_choice(usable[index].button_index)
	else:
		Dialogic.Choices._on_choice_selected(usable[index])


func flatten(folder: Dictionary, path: String, values: Dictionary) -> void:
	for key: String in folder:
		if folder[key] is Dictionary:
			flatten(folder[key], path + key + ".", values)
		else:
			values[path + key] = folder[key]
