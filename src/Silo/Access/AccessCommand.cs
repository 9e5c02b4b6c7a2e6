using System.CommandLine;
using SmartCity.Contracts;

namespace SmartCity.Silo;

/// <summary>The <c>access</c> command: users and rules, changed while the server runs; it follows within a second.</summary>
internal static class AccessCommand
{
    private const string Description = """
        Users and rules of the MQTT listeners. A running server follows within a second.

        Examples:
          access add station-1                         a device that may publish its own topics; prints its password once
          access add ops --role operator               somebody who may read everything and send commands
          access add station-2 --password-stdin        with a password of your own
          access add station-3 --no-password           for one that shows a certificate or a token
          access rotate station-1                      a new password; connections with the old one end
          access revoke station-1                      it is out, also with a certificate or a token
          access rules add device allow subscribe city/+/+/weather/+
          access rules add anonymous deny filter test/nosubscribe
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        var data = new Option<string>("--data", "--Data") { Description = "Folder of everything that is kept", DefaultValueFactory = _ => DataFolder(), Recursive = true };
        var root = new RootCommand("SmartCity");
        var access = new Command("access", Description) { Add(data), Rotate(data), Revoke(data), List(data), Rules(data) };
        access.Options.Add(data);
        root.Subcommands.Add(access);
        return await root.Parse(args).InvokeAsync();
    }

    private static Argument<string> User() => new("user") { Description = "Name of the user: 1 to 128 of A-Z a-z 0-9 . _ : @ -" };

    private static Option<bool> FromInput() => new("--password-stdin") { Description = "Reads the password from the standard input instead of making one" };

    private static Command Add(Option<string> data)
    {
        var user = User();
        var role = new Option<string>("--role") { Description = "device, operator, service or a name of your own", DefaultValueFactory = _ => "device" };
        var device = new Option<string?>("--device") { Description = "The device that it speaks for (%d in rules); for role device its own name" };
        var input = FromInput();
        var none = new Option<bool>("--no-password") { Description = "It shows a certificate or a token" };
        var command = new Command("add", "Adds a user and prints its password once.") { user, role, device, input, none };
        command.SetAction(parsed => Guard(parsed, data, session =>
        {
            var hasPassword = !parsed.GetValue(none);
            if (!hasPassword && parsed.GetValue(input)) throw new ArgumentException("Write either --password-stdin or --no-password.");
            var given = Given(parsed.GetValue(input));
            var password = session.Add(parsed.GetRequiredValue(user), parsed.GetRequiredValue(role), parsed.GetValue(device), given, hasPassword);
            Print(parsed.GetRequiredValue(user), "added", given is null ? password : null);
        }));
        return command;
    }

    private static Command Rotate(Option<string> data)
    {
        var user = User();
        var input = FromInput();
        var command = new Command("rotate", "Gives a user a new password and prints it once; connections with the old one end.") { user, input };
        command.SetAction(parsed => Guard(parsed, data, session =>
        {
            var given = Given(parsed.GetValue(input));
            var password = session.Rotate(parsed.GetRequiredValue(user), given);
            Print(parsed.GetRequiredValue(user), "rotated", given is null ? password : null);
        }));
        return command;
    }

    private static Command Revoke(Option<string> data)
    {
        var user = User();
        var command = new Command("revoke", "Refuses a user from now on, whatever it shows; its connections end.") { user };
        command.SetAction(parsed => Guard(parsed, data, session =>
        {
            var existed = session.Revoke(parsed.GetRequiredValue(user));
            Print(parsed.GetRequiredValue(user), existed ? "revoked" : "revoked (it was not there; certificates and tokens of that name are refused too)", null);
        }));
        return command;
    }

    private static Command List(Option<string> data)
    {
        var command = new Command("list", "Lists the users.");
        command.SetAction(parsed => Guard(parsed, data, session =>
        {
            foreach (var c in session.Data.Credentials)
                Console.WriteLine($"{c.User}\t{c.Role}\t{c.Device ?? "-"}\t{(c.IsRevoked ? "revoked" : c.Hash is null ? "no password" : "password")}");
        }));
        return command;
    }

    private static Command Rules(Option<string> data)
    {
        var list = new Command("list", "Lists the rules with their numbers.");
        list.SetAction(parsed => Guard(parsed, data, session =>
        {
            foreach (var r in session.Data.Rules) Console.WriteLine($"{r.Id}\t{r.Role}\t{$"{r.Effect}\t{r.Action}".ToLowerInvariant()}\t{r.Pattern}");
        }));

        var role = new Argument<string>("role") { Description = "device, operator, service, anonymous, * for all, or a name of your own" };
        var effect = new Argument<RuleEffect>("effect") { Description = "allow or deny; a deny wins" };
        var action = new Argument<RuleAction>("action") { Description = "publish, subscribe, or filter (deny only: refuses filters that lie within the pattern)" };
        var pattern = new Argument<string>("pattern") { Description = "A topic filter with %c (client id), %u (user), %d (device)" };
        var add = new Command("add", "Adds a rule.") { role, effect, action, pattern };
        add.SetAction(parsed => Guard(parsed, data, session =>
        {
            var id = session.AddRule(parsed.GetRequiredValue(role), parsed.GetValue(effect), parsed.GetValue(action), parsed.GetRequiredValue(pattern));
            Console.WriteLine($"rule {id} added");
        }));

        var number = new Argument<long>("number") { Description = "Its number in the list" };
        var remove = new Command("remove", "Removes a rule.") { number };
        remove.SetAction(parsed => Guard(parsed, data, session =>
        {
            session.RemoveRule(parsed.GetValue(number));
            Console.WriteLine($"rule {parsed.GetValue(number)} removed");
        }));
        return new("rules", "Lists, adds and removes rules.") { list, add, remove };
    }

    /// <summary>A pipe that broke must not end in a password that was made instead, and printed where nobody expects one.</summary>
    private static string? Given(bool fromInput) => !fromInput ? null : Console.In.ReadLine()
        ?? throw new ArgumentException("There is no password on the standard input; write one line, or leave --password-stdin out to have one made.");

    private static void Print(string user, string what, string? password)
    {
        Console.WriteLine($"{user} {what}");
        if (password is not null) Console.WriteLine($"password: {password}\nIt is not shown again.");
    }

    /// <summary>Turns what a user can do something about into one line and exit code 1.</summary>
    private static int Guard(ParseResult parsed, Option<string> data, Action<AccessSession> action)
    {
        try
        {
            using var session = new AccessSession(parsed.GetRequiredValue(data));
            action(session);
            return 0;
        }
        catch (Exception exception) when (exception is ArgumentException or StoreUnavailableException)
        {
            Console.Error.WriteLine(exception.Message);
            return 1;
        }
    }

    /// <summary>As the server finds it: the environment before appsettings.json.</summary>
    internal static string DataFolder() => new ConfigurationBuilder()
        .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true).AddEnvironmentVariables().Build()["Data"] ?? "./data";
}
