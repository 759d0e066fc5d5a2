using System;

class Account {
    private decimal balance;
    public event Action<decimal, decimal> Changed;

    public decimal Balance {
        get { return balance; }
        private set {
            var before = balance;
            balance = value;
            if (before != value) Changed?.Invoke(before, value);
        }
    }

    public void Deposit(decimal amount) {
        if (amount <= 0) throw new ArgumentException("a deposit has to be positive");
        Balance += amount;
    }

    public void Withdraw(decimal amount) {
        if (amount > Balance) throw new InvalidOperationException($"only {Balance} is there");
        Balance -= amount;
    }
}

static class Program {
    static void Main() {
        var account = new Account();
        account.Changed += (before, now) => Console.WriteLine($"{before} -> {now}");
        account.Deposit(100.50m);
        account.Withdraw(40.25m);
        try {
            account.Withdraw(1000);
        } catch (InvalidOperationException error) {
            Console.WriteLine("refused: " + error.Message);
        }
    }
}
