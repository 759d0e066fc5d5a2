use lib "lib";
use Shapes;

say "square of $_: {square($_)}" for 6, 7;
