defmodule Greeting do
  def for(%{name: name, language: :de}), do: "Guten Tag, #{name}"
  def for(%{name: name, language: :fr}), do: "Bonjour, #{name}"
  def for(%{name: name}), do: "Hello, #{name}"
end

[%{name: "Ada"}, %{name: "Karl", language: :de}, %{name: "Zoé", language: :fr}]
|> Enum.map(&Greeting.for/1)
|> Enum.each(&IO.puts/1)

"the cat and the dog and the bird"
|> String.split()
|> Enum.frequencies()
|> Enum.sort_by(fn {word, count} -> {-count, word} end)
|> Enum.take(3)
|> Enum.each(fn {word, count} -> IO.puts("#{count} #{word}") end)
