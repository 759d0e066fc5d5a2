# Loads what compiling and running a script needs. In a sandbox that is prepared ahead the program is not there yet, and there is
# time; listing the directory is no look at it.
if "main.exs" not in File.ls!(".") do
  Code.eval_string("""
  defmodule Example do
    defstruct [:name, values: []]
    def run(items) when is_list(items) do
      task = Task.async(fn -> Enum.map(items, fn item -> item * 2 end) end)
      for {value, index} <- Enum.with_index(Task.await(task)), value > 1, into: %{}, do: {"key \#{index}", value}
    end
    def run(_), do: raise(ArgumentError)
  end
  try do
    Example.run(1)
  rescue
    ArgumentError -> Example.run([1, 2]) |> Enum.sort() |> inspect() |> String.upcase()
  end
  """)

  :code.delete(Example)
  :code.purge(Example)
end
