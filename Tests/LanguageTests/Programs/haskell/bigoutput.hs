main :: IO ()
main = mapM_ print [1 .. 150000 :: Int]
