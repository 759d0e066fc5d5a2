# The driver of a live session for Elixir. docs/session-drivers.md has the protocol: commands come from descriptor 100, records go to 101.
#
# A server holds the channel and, between cells, their bindings and environment; cells run in another process, the evaluator, expression by
# expression, as in IEx. So questions are answered while a cell runs, and an interrupt ends the evaluator, and with it what is linked to it:
# the next one goes on with the bindings of the last cell that was done. Standard input is read when somebody asks for it, and not before.
Code.require_file("session_io.exs")
Enum.each(["session.exs", "session_io.exs"], &File.rm/1) # Nobody needs them any more, and a cell should find its folder empty.
Code.compiler_options(ignore_module_conflict: true)

defmodule Nestbox.Evaluator do
  # Runs cells, one after the other, and tells the server what came of each.

  @definitions [:defmodule, :defprotocol, :defimpl, :import, :alias, :require, :use]

  def start(server, console, binding, env) do
    pid = spawn(fn ->
      Process.group_leader(self(), console)
      loop(server, binding, env)
    end)
    Process.monitor(pid)
    pid
  end

  defp loop(server, binding, env) do
    receive do
      {Nestbox, :run, id, code, silent} ->
        {outcome, binding, env} = run(server, id, code, silent, binding, env)
        send(server, {:ran, id, outcome, binding, env})
        loop(server, binding, env)
    end
  end

  defp run(server, id, code, silent, binding, env) do
    Process.put(:nestbox, {binding, env})

    try do
      quoted = Code.string_to_quoted!(code, file: "cell " <> id)
      parts = case(quoted, do: ({:__block__, _, parts} -> parts; part -> [part]))
      env = %{env | file: "cell " <> id, line: 1}

      {value, binding, env} =
        Enum.reduce(parts, {nil, binding, env}, fn part, {_, binding, env} ->
          {value, binding, env} = Code.eval_quoted_with_env(Macro.prewalk(part, &halting/1), binding, env)
          Process.put(:nestbox, {binding, env})
          {value, binding, env}
        end)

      unless silent or parts == [] or match?({name, _, _} when name in @definitions, List.last(parts)) do
        text = inspect(value, pretty: true, width: 100, limit: 5000, printable_limit: 70000)
        send(server, {:result, id, text, if(Nestbox.Text.json?(value), do: {:ok, value})})
      end

      {:ok, binding, env}
    catch
      kind, reason ->
        {binding, env} = Process.get(:nestbox)
        {{:error, described(kind, reason, __STACKTRACE__)}, binding, env}
    end
  end

  # The VM would end before it is said that the cell is done.
  defp halting({{:., meta, [{:__aliases__, _, [:System]}, name]}, call, arguments}) when name in [:halt, :stop], do: {{:., meta, [Nestbox.Session, :halt]}, call, arguments}
  defp halting({{:., meta, [:erlang, :halt]}, call, arguments}), do: {{:., meta, [Nestbox.Session, :halt]}, call, arguments}
  defp halting(node), do: node

  def described(kind, reason, trace) do
    reason = if kind == :error, do: Exception.normalize(:error, reason, trace), else: reason
    name = if kind == :error and is_exception(reason), do: inspect(reason.__struct__), else: Atom.to_string(kind)
    message = try do
      if kind == :error, do: reason.__struct__.message(reason), else: Exception.format_banner(kind, reason, trace)
    catch
      _, _ -> "the error cannot be printed"
    end

    lines = trace |> Enum.take_while(&(elem(&1, 0) != __MODULE__)) |> Enum.reject(&(elem(&1, 0) in [:erl_eval, :elixir, :elixir_eval, :elixir_compiler, :elixir_module, :lists, Code, Enum, Module.ParallelChecker] and not cell?(&1)))
    lines = Enum.map(lines, fn entry -> try(do: Exception.format_stacktrace_entry(entry), catch: (_, _ -> "")) end)
    {name, message, lines}
  end

  defp cell?({_, _, _, location}), do: match?('cell ' ++ _, Keyword.get(location, :file, ''))
end

defmodule Nestbox.Questions do
  # Nothing foreign runs: values are printed without their own protocols.

  @words ~w(after and case catch cond def defmodule defp do else end false fn for if import in nil not or quote receive rescue true try unless unquote when with)

  def answer("complete", record, binding, env) do
    before = upto(record)
    [prefix] = Regex.run(~r/[\w?!]*\z/u, before)
    head = binary_part(before, 0, byte_size(before) - byte_size(prefix))

    found =
      case Regex.run(~r/(:?[A-Za-z_][\w.]*)\.\z/u, head) do
        [_, ":" <> name] -> exports(existing(name))
        [_, <<c, _::binary>> = name] when c in ?A..?Z -> exports(existing("Elixir." <> name)) ++ modules(name <> ".")
        [_, name] -> keys(Keyword.get(binding, existing(name)))
        nil -> names(binding, env) ++ modules("")
      end

    matches = for {name, type} <- Enum.uniq(Enum.sort(found)), String.starts_with?(name, prefix), do: %{text: name, type: type}
    cursor = String.length(before)
    %{matches: matches |> Enum.uniq_by(& &1.text) |> Enum.take(200), start: cursor - String.length(prefix), end: cursor}
  end

  def answer("inspect", record, binding, _) do
    before = upto(record) |> String.trim_trailing("(")
    rest = String.slice(record["code"], String.length(before)..-1//1)
    [head] = Regex.run(~r/[\w.?!:]*\z/u, before)
    [tail] = Regex.run(~r/\A[\w?!]*/u, rest)
    name = head <> tail

    text =
      case Regex.run(~r/\A(:?[A-Za-z_][\w.]*)\.([a-z_][\w?!]*)\z/u, name) do
        [_, module, function] -> documented(existing(if(String.starts_with?(module, ":"), do: String.slice(module, 1..-1//1), else: "Elixir." <> module)), function)
        nil ->
          case Keyword.fetch(binding, existing(name)) do
            {:ok, value} -> "#{name}: #{type(value)} = #{short(value)}"
            :error -> if(name =~ ~r/\A[A-Z]/, do: documented(existing("Elixir." <> name), nil), else: documented(Kernel, name))
          end
      end

    if text, do: %{found: true, data: %{"text/plain" => Nestbox.Text.cut(text, 60000)}}, else: %{found: false, data: %{}}
  end

  def answer("is_complete", record, _, _) do
    Code.string_to_quoted!(record["code"], emit_warnings: false)
    %{status: "complete"}
  rescue
    TokenMissingError -> %{status: "incomplete", indent: "  "}
    _ -> %{status: "invalid"}
  end

  def answer("variables", _, binding, _) do
    rows = for {name, value} <- Enum.sort(binding), is_atom(name), do: %{name: Nestbox.Text.cut(to_string(name), 200), type: type(value), repr: Nestbox.Text.cut(short(value), 200), size: size(value)}
    %{variables: Enum.take(rows, 200)}
  end

  def answer(_, _, _, _), do: %{error: "unknown type"}

  defp upto(record), do: String.slice(record["code"], 0, record["cursor"])

  defp existing(name) do
    String.to_existing_atom(name)
  rescue
    _ -> :"nobody has this name"
  end

  defp exports(module) do
    if Code.ensure_loaded?(module), do: for({name, _} <- module.module_info(:exports) , do: {named(name), "function"}), else: []
  end

  defp named(name), do: name |> Atom.to_string() |> String.replace_prefix("MACRO-", "")
  defp keys(%{} = map), do: for(key <- Map.keys(map), is_atom(key), do: {Atom.to_string(key), "instance"})
  defp keys(_), do: []

  defp modules(prefix) do
    {:ok, listed} = :application.get_key(:elixir, :modules)
    loaded = for {module, _} <- :code.all_loaded(), do: module
    for "Elixir." <> name <- Enum.map(listed ++ loaded, &Atom.to_string/1), String.starts_with?(name, prefix), [part | _] = name |> String.replace_prefix(prefix, "") |> String.split("."), part =~ ~r/\A[A-Z]/, part != "Nestbox", do: {part, "module"}
  end

  defp names(binding, env) do
    variables = for {name, _} <- binding, is_atom(name), do: {Atom.to_string(name), "instance"}
    imported = for {_, functions} <- env.functions ++ env.macros, {name, _} <- functions, do: {Atom.to_string(name), "function"}
    variables ++ imported ++ for(word <- @words, do: {word, "keyword"})
  end

  defp documented(module, function) do
    with true <- Code.ensure_loaded?(module), {:docs_v1, _, _, _, about, _, functions} <- Code.fetch_docs(module) do
      found = for {{kind, name, _}, _, signatures, doc, _} <- functions, kind in [:function, :macro], Atom.to_string(name) == function, do: Enum.join(signatures, "\n") <> text(doc)
      cond do
        function == nil -> inspect(module) <> text(about)
        found != [] -> Enum.join(found, "\n\n")
        true -> listed(module, function)
      end
    else
      false -> nil
      _ -> listed(module, function)
    end
  end

  defp listed(module, nil), do: inspect(module)

  defp listed(module, function) do
    arities = for {name, arity} <- module.module_info(:exports), named(name) == function, do: "#{inspect(module)}.#{function}/#{arity}"
    if arities != [], do: Enum.join(arities, "\n")
  end

  defp text(%{"en" => text}), do: "\n\n" <> text
  defp text(_), do: ""

  def short(value), do: inspect(value, structs: false, limit: 10, printable_limit: 150, width: 1000)

  defp type(%name{}), do: inspect(name)
  defp type(value), do: Enum.find_value([is_integer: "integer", is_float: "float", is_boolean: "boolean", is_atom: "atom", is_binary: "string", is_list: "list", is_tuple: "tuple", is_map: "map", is_function: "function", is_pid: "pid"], "term", fn {test, name} -> if(apply(Kernel, test, [value]), do: name) end)

  defp size(value) when is_binary(value), do: byte_size(value)
  defp size(value) when is_list(value), do: (try do length(value) rescue _ -> 0 end)
  defp size(value) when is_map(value), do: map_size(value)
  defp size(value) when is_tuple(value), do: tuple_size(value)
  defp size(_), do: 0
end

defmodule Nestbox.Session do
  @record 1_048_576

  def start do
    Process.flag(:trap_exit, true)
    Process.register(self(), :nestbox_session)
    channel = Port.open({:fd, 100, 101}, [:binary, :stream])
    console = Nestbox.Console.start()
    env = Code.env_for_eval(file: "cell", line: 1)
    say(channel, %{type: "ready", protocol: 1, language: "elixir", version: System.version(), features: ~w(complete inspect is_complete variables concurrent interrupt)})
    loop(%{channel: channel, console: console, evaluator: Nestbox.Evaluator.start(self(), console, [], env), binding: [], env: env, data: [], size: 0, queue: :queue.new(), running: nil, asked: nil})
  end

  # `System.halt` in a cell.
  def halt(status \\ 0)
  def halt(status) when is_integer(status) do
    send(:nestbox_session, {:halt, status})
    Process.sleep(:infinity)
  end
  def halt(_), do: halt(1)

  defp say(channel, record) do
    data = IO.iodata_to_binary(Nestbox.Text.encode(record))
    if byte_size(data) > @record, do: raise("record too large")
    Port.command(channel, [<<byte_size(data)::32>>, data])
  end

  defp lost(reason) do
    IO.puts(:stderr, "session: " <> reason)
    flush(50)
    :erlang.halt(70)
  end

  defp loop(%{channel: channel, evaluator: evaluator, running: running} = state) do
    receive do
      {^channel, {:data, data}} -> loop(records(%{state | data: [state.data, data], size: state.size + byte_size(data)}))
      {:EXIT, ^channel, _} -> :erlang.halt(0) # The service is gone or has closed the session.
      {:result, ^running, text, value} ->
        repr = Nestbox.Text.cut(text, 65536)
        json = value && Nestbox.Text.encode(elem(value, 1))
        record = %{type: "result", id: running, repr: repr, truncated: repr != text}
        say(channel, if(json && IO.iodata_length(json) <= 65536, do: Map.put(record, :value, elem(value, 1)), else: record))
        loop(state)
      {:ran, ^running, outcome, binding, env} -> loop(done(%{state | binding: binding, env: env}, outcome))
      {:DOWN, _, :process, ^evaluator, reason} -> # An exit signal: of what was linked to it, or of an interrupt.
        state = %{state | evaluator: Nestbox.Evaluator.start(self(), state.console, state.binding, state.env)}
        send(state.console, :cancel)
        cond do
          running == nil -> loop(state)
          state.asked == running -> loop(done(state, :interrupted))
          true -> loop(done(state, {:error, {"EXIT", Exception.format_exit(reason), []}}))
        end
      {:halt, status} ->
        if running, do: done(%{state | queue: :queue.new()}, :ok)
        drained(channel, 100)
        :erlang.halt(Bitwise.band(status, 255))
      _ -> loop(state)
    end
  end

  # Whole records of what has come.
  defp records(%{size: size} = state) when size < 4, do: state

  defp records(state) do
    data = IO.iodata_to_binary(state.data)
    <<size::32, rest::binary>> = data
    if size > @record, do: lost("channel: record too large")

    case rest do
      <<body::binary-size(size), rest::binary>> -> records(take(Nestbox.Text.decode(body), %{state | data: [rest], size: byte_size(rest)}))
      _ -> %{state | data: [data]}
    end
  end

  defp take(%{"type" => "execute"} = record, state), do: next(%{state | queue: :queue.in(record, state.queue)})

  defp take(%{"type" => "interrupt", "id" => id}, %{running: id} = state) do # Only the cell it was sent for.
    Process.exit(state.evaluator, :kill)
    %{state | asked: id}
  end

  defp take(%{"type" => "interrupt"}, state), do: state

  defp take(record, state) do
    answer = try do
      Nestbox.Questions.answer(record["type"], record, state.binding, state.env)
    catch
      kind, reason -> %{error: Nestbox.Text.cut(Exception.format_banner(kind, reason), 500)}
    end
    say(state.channel, Map.merge(answer, %{type: "answer", id: record["id"]}))
    state
  end

  defp next(%{running: nil} = state) do
    case :queue.out(state.queue) do
      {{:value, record}, queue} ->
        send(state.evaluator, {Nestbox, :run, record["id"], record["code"], record["silent"] == true})
        %{state | queue: queue, running: record["id"], asked: nil}
      {:empty, _} -> state
    end
  end

  defp next(state), do: state

  defp done(%{running: id, channel: channel} = state, outcome) do
    status = case outcome do
      :ok -> "ok"
      :interrupted ->
        say(channel, %{type: "error", id: id, exception: "Interrupted", message: "the cell was interrupted", traceback: []})
        "interrupted"
      {:error, {name, message, lines}} ->
        message = Nestbox.Text.cut(message, 8000)
        lines = Enum.map(Enum.take(String.split(message, "\n") ++ lines, 200), &Nestbox.Text.cut(&1, 600))
        say(channel, %{type: "error", id: id, exception: Nestbox.Text.cut(name, 200), message: message, traceback: lines})
        "error"
    end
    flush(2000)
    say(channel, %{type: "done", id: id, status: status})
    next(%{state | running: nil})
  end

  # What was printed has left the VM.
  defp flush(patience) do
    for port <- Port.list(), Port.info(port, :name) in [{:name, '0/1'}, {:name, '2/2'}], do: drained(port, patience)
  end

  defp drained(port, patience) do
    case :erlang.port_info(port, :queue_size) do
      {:queue_size, size} when size > 0 and patience > 0 ->
        Process.sleep(1)
        drained(port, patience - 1)
      _ -> :ok
    end
  end
end

Nestbox.Session.start()
