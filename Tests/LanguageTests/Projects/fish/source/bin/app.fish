source (dirname (status filename))/../lib/shapes.fish

for side in 6 7
    echo "square of $side: "(square $side)
end
