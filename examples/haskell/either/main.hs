import Text.Read (readMaybe)

data Order = Order { item :: String, count :: Int, price :: Double } deriving (Show)

number :: Read a => String -> String -> Either String a
number what text = maybe (Left (what ++ ": " ++ show text ++ " is no number")) Right (readMaybe text)

positive :: (Ord a, Num a) => String -> a -> Either String a
positive what value
  | value > 0 = Right value
  | otherwise = Left (what ++ " has to be positive")

order :: String -> Either String Order
order line = case words line of
  [name, countText, priceText] -> do
    n <- number "count" countText >>= positive "count"
    p <- number "price" priceText
    return (Order name n p)
  _ -> Left "an order has three words"

main :: IO ()
main = mapM_ (putStrLn . describe) ["tea 3 2.5", "tea three 2.5", "tea 0 2.5", "tea"]
  where
    describe line = line ++ ": " ++ either ("error, " ++) total (order line)
    total o = item o ++ " for " ++ show (fromIntegral (count o) * price o)
