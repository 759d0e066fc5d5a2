collatz = fn start ->
  Stream.iterate(start, fn
    n when rem(n, 2) == 0 -> div(n, 2)
    n -> 3 * n + 1
  end)
  |> Stream.take_while(&(&1 != 1))
end

IO.inspect(Enum.to_list(collatz.(6)))

longest =
  1..5000
  |> Stream.map(fn start -> {Enum.count(collatz.(start)), start} end)
  |> Enum.max()

IO.inspect(longest)

Stream.cycle(~w(red green blue))
|> Stream.zip(Stream.iterate(1, &(&1 * 2)))
|> Stream.drop_while(fn {_, n} -> n < 10 end)
|> Enum.take(4)
|> IO.inspect()
