defmodule Signup do
  def check(form) do
    with {:ok, name} <- fetch(form, "name"),
         {:ok, text} <- fetch(form, "age"),
         {age, ""} <- Integer.parse(text),
         :ok <- allowed(age) do
      "welcome #{name}, #{age}"
    else
      {:error, reason} -> "error: #{reason}"
      _ -> "error: the age is no number"
    end
  end

  defp fetch(form, key) do
    case Map.fetch(form, key) do
      {:ok, value} when value != "" -> {:ok, value}
      _ -> {:error, "#{key} is missing"}
    end
  end

  defp allowed(age) when age in 16..120, do: :ok
  defp allowed(_), do: {:error, "from 16 years on"}
end

[
  %{"name" => "Ada", "age" => "36"},
  %{"name" => "", "age" => "36"},
  %{"name" => "Ben", "age" => "young"},
  %{"name" => "Cleo", "age" => "9"}
]
|> Enum.each(&IO.puts(Signup.check(&1)))
