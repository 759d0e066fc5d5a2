import Data.List (sortOn)
import qualified Data.Map.Strict as Map
import Data.Ord (Down (..))

main :: IO ()
main = do
    text <- getContents
    let counts = Map.fromListWith (+) [(word, 1 :: Int) | word <- words text]
    putStrLn (unwords (map show [length (lines text), length (words text), Map.size counts]))
    mapM_ (\(word, count) -> putStrLn (show count ++ " " ++ word)) $
        take 5 (sortOn (\(word, count) -> (Down count, word)) (Map.toList counts))
