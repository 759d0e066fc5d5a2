<?php
declare(strict_types=1);

enum Status: string
{
    case Draft = 'draft';
    case Review = 'review';
    case Published = 'published';

    public function next(): ?self
    {
        return match ($this) {
            self::Draft => self::Review,
            self::Review => self::Published,
            self::Published => null,
        };
    }
}

final class Article
{
    public function __construct(public readonly string $title, public readonly Status $status = Status::Draft)
    {
    }

    public function advanced(): self
    {
        $next = $this->status->next() ?? throw new LogicException("{$this->title} is published already");
        return new self($this->title, $next);
    }
}

$article = new Article('Enumerations');
try {
    while (true) {
        echo "{$article->title}: {$article->status->value}\n";
        $article = $article->advanced();
    }
} catch (LogicException $error) {
    echo 'stopped: ', $error->getMessage(), "\n";
}
var_dump(Status::tryFrom('deleted'));
