data Tree a = Leaf | Node (Tree a) a (Tree a)

insert :: Ord a => a -> Tree a -> Tree a
insert x Leaf = Node Leaf x Leaf
insert x tree@(Node left y right) = case compare x y of
  LT -> Node (insert x left) y right
  GT -> Node left y (insert x right)
  EQ -> tree

instance Functor Tree where
  fmap _ Leaf = Leaf
  fmap f (Node left x right) = Node (fmap f left) (f x) (fmap f right)

instance Foldable Tree where
  foldr _ end Leaf = end
  foldr f end (Node left x right) = foldr f (f x (foldr f end right)) left

depth :: Tree a -> Int
depth Leaf = 0
depth (Node left _ right) = 1 + max (depth left) (depth right)

main :: IO ()
main = do
  let tree = foldr insert Leaf [5, 2, 8, 1, 9, 3, 5 :: Int]
  print (foldr (:) [] tree)
  print (sum tree, length tree, maximum tree, 8 `elem` tree)
  print (foldr (:) [] (fmap (* 10) tree))
  putStrLn ("depth " ++ show (depth tree))
