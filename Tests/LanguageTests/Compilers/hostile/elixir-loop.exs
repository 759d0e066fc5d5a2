defmodule Endless do
  loop = fn loop -> loop.(loop) end
  loop.(loop)
end
