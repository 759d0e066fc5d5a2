import qualified Data.ByteString as Bytes
import qualified Data.Text as Text
import Data.Text.Encoding (encodeUtf8)

main :: IO ()
main = do
    line <- getLine
    putStrLn line
    print (length line)
    print (Bytes.length (encodeUtf8 (Text.pack line)))
    putStrLn (reverse line)
    putStrLn (if line == "Grüße, мир! Ωμέγα 日本語 🦆" then "same" else "different")
