defmodule Account do
  def start(balance \\ 0), do: spawn(fn -> loop(balance) end)

  defp loop(balance) do
    receive do
      {:deposit, amount} ->
        loop(balance + amount)

      {:withdraw, amount, from} when amount > balance ->
        send(from, {:refused, balance})
        loop(balance)

      {:withdraw, amount, from} ->
        send(from, {:paid, amount})
        loop(balance - amount)
    end
  end
end

account = Account.start(50)
1..10 |> Enum.map(fn _ -> Task.async(fn -> send(account, {:deposit, 10}) end) end) |> Task.await_many()

for amount <- [120, 100] do
  send(account, {:withdraw, amount, self()})

  receive do
    {:paid, amount} -> IO.puts("got #{amount}")
    {:refused, balance} -> IO.puts("refused, there is only #{balance}")
  after
    1000 -> IO.puts("no answer")
  end
end
