function square
    math $argv[1] x $argv[1]
end
