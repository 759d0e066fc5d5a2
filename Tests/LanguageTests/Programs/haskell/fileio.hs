main :: IO ()
main = do
    writeFile "lines.txt" (unlines ["line " ++ show n | n <- [1 .. 1000 :: Int]])
    text <- readFile "lines.txt"
    print (length (lines text))
