import Data.List (sortBy)
import Data.Ord (comparing)

-- | The largest value seen, if any.
newtype Largest a = Largest (Maybe a) deriving (Show)

instance Ord a => Semigroup (Largest a) where
  Largest Nothing <> other = other
  other <> Largest Nothing = other
  Largest (Just a) <> Largest (Just b) = Largest (Just (max a b))

instance Ord a => Monoid (Largest a) where
  mempty = Largest Nothing

main :: IO ()
main = do
  print (mconcat (map (Largest . Just) [3, 9, 4 :: Int]))
  print (mconcat [] :: Largest Int)
  putStrLn (mconcat ["com", "bi", "ned"])
  -- Comparisons can be combined, too: by length first, then by the alphabet.
  print (sortBy (comparing length <> compare) (words "pear fig banana kiwi apple"))
