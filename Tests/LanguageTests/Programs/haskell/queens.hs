size :: Int
size = 8

-- Columns of the rows so far, the last row first.
solutions :: Int -> [[Int]]
solutions 0 = [[]]
solutions row = [column : columns | columns <- solutions (row - 1), column <- [1 .. size], safe column columns]

safe :: Int -> [Int] -> Bool
safe column columns = and [c /= column && abs (c - column) /= distance | (distance, c) <- zip [1 ..] columns]

main :: IO ()
main = do
    let found = map reverse (solutions size)
    print (length found)
    putStrLn (concatMap show (head found))
