using System;
using System.Linq;

static class Program {
    static void Main() {
        var orders = new[] {
            new { Customer = "Ada", Item = "tea", Cents = 350 },
            new { Customer = "Ben", Item = "cake", Cents = 420 },
            new { Customer = "Ada", Item = "cake", Cents = 420 },
            new { Customer = "Cleo", Item = "tea", Cents = 350 },
            new { Customer = "Ada", Item = "tea", Cents = 350 },
        };

        var byCustomer =
            from order in orders
            group order by order.Customer into own
            let total = own.Sum(order => order.Cents)
            orderby total descending, own.Key
            select new { Name = own.Key, Total = total, Items = own.Select(order => order.Item).Distinct() };

        foreach (var customer in byCustomer)
            Console.WriteLine("{0,-5}{1,6}.{2:00}  {3}", customer.Name, customer.Total / 100, customer.Total % 100,
                string.Join(", ", customer.Items));

        Console.WriteLine("cheapest: " + orders.OrderBy(order => order.Cents).First().Item);
        Console.WriteLine("all paid: " + orders.All(order => order.Cents > 0));
    }
}
