# Texts and standard input of session.exs, which loads it.
defmodule Nestbox.Text do
  # JSON, and texts of a bounded size.

  def cut(text, limit) when byte_size(text) <= limit, do: if(String.valid?(text), do: text, else: latin1(text))
  def cut(text, limit), do: text |> binary_part(0, limit) |> trimmed() |> cut(limit)

  # Without the part of a character at its end.
  defp trimmed(text) do
    Enum.find_value(0..3, text, fn count ->
      start = binary_part(text, 0, byte_size(text) - count)
      if String.valid?(start), do: start
    end)
  end

  defp latin1(text), do: :unicode.characters_to_binary(text, :latin1) |> cut(byte_size(text))

  def encode(nil), do: "null"
  def encode(value) when is_boolean(value) or is_integer(value), do: to_string(value)
  def encode(value) when is_float(value), do: :io_lib_format.fwrite_g(value) |> IO.iodata_to_binary() |> float()
  def encode(value) when is_atom(value), do: encode(Atom.to_string(value))
  def encode(value) when is_binary(value), do: [?", escape(value, value, 0, 0, []), ?"]
  def encode(value) when is_list(value), do: [?[, Enum.intersperse(Enum.map(value, &encode/1), ?,), ?]]
  def encode(value) when is_map(value), do: [?{, value |> Enum.map(fn {name, item} -> [encode(name), ?:, encode(item)] end) |> Enum.intersperse(?,), ?}]

  defp float(text), do: text

  defp escape(<<c, rest::binary>>, text, start, size, parts) when c < 32 or c in [?", ?\\] do
    special = if c < 32, do: "\\u" <> String.pad_leading(Integer.to_string(c, 16), 4, "0"), else: <<?\\, c>>
    escape(rest, text, start + size + 1, 0, [parts, binary_part(text, start, size), special])
  end

  defp escape(<<_, rest::binary>>, text, start, size, parts), do: escape(rest, text, start, size + 1, parts)
  defp escape(<<>>, text, start, size, parts), do: [parts, binary_part(text, start, size)]

  # A command: an object of strings, numbers and words.
  def decode(text), do: members(text, %{})

  defp members(<<c, rest::binary>>, found) when c in ' \n\t\r{,:', do: members(rest, found)
  defp members(<<"}", _::binary>>, found), do: found

  defp members(<<?", rest::binary>>, found) do
    {name, rest} = string(rest, rest, 0, [])
    [_, rest] = Regex.run(~r/\A\s*:\s*(.*)\z/s, rest)
    {value, rest} = value(rest)
    members(rest, Map.put(found, name, value))
  end

  defp value(<<?", rest::binary>>), do: string(rest, rest, 0, [])

  defp value(rest) do
    [whole, word] = Regex.run(~r/\A([-+.\w]+)/, rest)
    {case(Integer.parse(word), do: ({number, ""} -> number; _ -> word == "true")), binary_part(rest, byte_size(whole), byte_size(rest) - byte_size(whole))}
  end

  defp string(<<?", rest::binary>>, text, size, parts), do: {IO.iodata_to_binary([parts, binary_part(text, 0, size)]), rest}

  defp string(<<"\\u", high::binary-size(4), "\\u", low::binary-size(4), rest::binary>>, text, size, parts)
       when binary_part(high, 0, 1) in ["d", "D"] and binary_part(high, 1, 1) in ["8", "9", "a", "b", "A", "B"] do
    code = 0x10000 + Bitwise.bsl(Bitwise.band(String.to_integer(high, 16), 1023), 10) + Bitwise.band(String.to_integer(low, 16), 1023)
    string(rest, rest, 0, [parts, binary_part(text, 0, size), <<code::utf8>>])
  end

  defp string(<<"\\u", hex::binary-size(4), rest::binary>>, text, size, parts) do
    code = String.to_integer(hex, 16)
    string(rest, rest, 0, [parts, binary_part(text, 0, size), if(code in 0xD800..0xDFFF, do: "\uFFFD", else: <<code::utf8>>)])
  end

  defp string(<<?\\, c, rest::binary>>, text, size, parts) do
    plain = case(c, do: (?n -> "\n"; ?t -> "\t"; ?r -> "\r"; ?b -> "\b"; ?f -> "\f"; _ -> <<c>>))
    string(rest, rest, 0, [parts, binary_part(text, 0, size), plain])
  end

  defp string(<<_, rest::binary>>, text, size, parts), do: string(rest, text, size + 1, parts)

  # Whether it is JSON as it stands.
  def json?(value, depth \\ 0)
  def json?(value, _) when is_nil(value) or is_boolean(value) or is_float(value), do: true
  def json?(value, _) when is_integer(value), do: abs(value) < 9_007_199_254_740_992
  def json?(value, _) when is_binary(value), do: byte_size(value) < 65536 and String.valid?(value)
  def json?(value, depth) when is_list(value), do: depth < 32 and proper?(value, 20000) and Enum.all?(value, &json?(&1, depth + 1))

  def json?(value, depth) when is_map(value) and not is_struct(value),
    do: depth < 32 and map_size(value) < 20000 and Enum.all?(value, fn {name, item} -> (is_atom(name) or (is_binary(name) and String.valid?(name))) and json?(item, depth + 1) end)

  def json?(_, _), do: false

  defp proper?([], _), do: true
  defp proper?([_ | rest], left), do: left > 0 and proper?(rest, left - 1)
  defp proper?(_, _), do: false
end

defmodule Nestbox.Console do
  # The group leader of cells: output goes on to :user, input is read from descriptor 0 while somebody waits for it.

  def start, do: spawn_link(fn -> loop(%{buffer: "", ended: false, port: nil, waiting: []}) end)

  defp loop(state) do
    receive do
      {:io_request, from, reference, request} -> request |> plain() |> take(from, reference, state) |> loop()
      {port, {:data, data}} when port == state.port -> %{state | buffer: state.buffer <> data} |> serve() |> loop()
      {port, :eof} when port == state.port -> close(%{state | ended: true}) |> serve() |> loop()
      :cancel -> close(%{state | waiting: []}) |> loop()
      _ -> loop(state)
    end
  end

  defp plain({:get_line, prompt}), do: {:get_line, :latin1, prompt}
  defp plain({:get_chars, prompt, count}), do: {:get_chars, :latin1, prompt, count}
  defp plain({:get_until, prompt, module, function, arguments}), do: {:get_until, :latin1, prompt, module, function, arguments}
  defp plain(request), do: request

  defp take(request, from, reference, state) when elem(request, 0) in [:get_line, :get_chars, :get_until] do
    prompt(elem(request, 2))
    serve(%{state | waiting: state.waiting ++ [{from, reference, request, []}]})
  end

  defp take(request, from, reference, state) do
    send(:user, {:io_request, from, reference, request})
    state
  end

  defp prompt(prompt) when prompt in ['', ""], do: :ok
  defp prompt(prompt), do: IO.write(:user, prompt)

  defp serve(%{waiting: []} = state), do: close(state)

  defp serve(%{waiting: [{from, reference, request, continuation} | others]} = state) do
    case answer(request, continuation, state.buffer, state.ended) do
      {:done, result, buffer} ->
        send(from, {:io_reply, reference, result})
        serve(%{state | waiting: others, buffer: buffer})

      {:more, continuation, buffer} ->
        open(%{state | waiting: [{from, reference, request, continuation} | others], buffer: buffer})
    end
  end

  defp answer({:get_line, encoding, _}, _, buffer, ended) do
    case :binary.split(buffer, "\n") do
      [line, rest] -> {:done, text(line <> "\n", encoding), rest}
      [""] when ended -> {:done, :eof, ""}
      [line] when ended -> {:done, text(line, encoding), ""}
      _ -> {:more, [], buffer}
    end
  end

  defp answer({:get_chars, encoding, _, count}, _, buffer, ended) do
    {some, rest} = if encoding == :latin1, do: bytes(buffer, count), else: String.split_at(buffer, count)
    size = if encoding == :latin1, do: byte_size(some), else: String.length(some)

    cond do
      size >= count -> {:done, text(some, encoding), rest}
      ended and some == "" -> {:done, :eof, ""}
      ended -> {:done, text(some, encoding), ""}
      true -> {:more, [], buffer}
    end
  end

  defp answer({:get_until, encoding, _, module, function, arguments}, continuation, buffer, ended) do
    characters = if buffer == "" and ended, do: :eof, else: to_characters(buffer, encoding)

    case if(characters == [], do: {:more, continuation}, else: apply(module, function, [continuation, characters | arguments])) do
      {:done, result, rest} -> {:done, result, if(is_list(rest), do: List.to_string(rest), else: "")}
      {:more, continuation} when ended -> answer({:get_until, encoding, [], module, function, arguments}, continuation, "", true)
      {:more, continuation} -> {:more, continuation, ""}
    end
  end

  defp bytes(buffer, count) when byte_size(buffer) >= count, do: {binary_part(buffer, 0, count), binary_part(buffer, count, byte_size(buffer) - count)}
  defp bytes(buffer, _), do: {buffer, ""}
  defp text(part, _), do: part
  defp to_characters(buffer, :latin1), do: :binary.bin_to_list(buffer)
  defp to_characters(buffer, _), do: String.to_charlist(buffer)

  defp open(%{port: nil, ended: false} = state), do: %{state | port: Port.open({:fd, 0, 0}, [:in, :binary, :eof])}
  defp open(state), do: state

  defp close(%{port: nil} = state), do: state

  defp close(state) do
    Port.close(state.port)
    %{state | port: nil}
  end
end
