namespace SmartCity.Mqtt.Fuzz;

/// <summary>Properties, from MQTT 5.0 table 2-4.</summary>
internal static class ReferenceProperties
{
    /// <summary>Identifier: type (b: 0 or 1, 2, 4, v, s, x: binary, p: pair) and the packets (W for the will) that may carry it.</summary>
    private static readonly Dictionary<byte, (char Type, string In)> s_table = new()
    {
        [0x01] = ('b', "PUBLISH W"),
        [0x02] = ('4', "PUBLISH W"),
        [0x03] = ('s', "PUBLISH W"),
        [0x08] = ('s', "PUBLISH W"),
        [0x09] = ('x', "PUBLISH W"),
        [0x0B] = ('v', "PUBLISH SUBSCRIBE"),
        [0x11] = ('4', "CONNECT DISCONNECT"),
        [0x15] = ('s', "CONNECT AUTH"),
        [0x16] = ('x', "CONNECT AUTH"),
        [0x17] = ('b', "CONNECT"),
        [0x18] = ('4', "W"),
        [0x19] = ('b', "CONNECT"),
        [0x1C] = ('s', "DISCONNECT"),
        [0x1F] = ('s', "PUBACK PUBREC PUBREL PUBCOMP DISCONNECT AUTH"),
        [0x21] = ('2', "CONNECT"),
        [0x22] = ('2', "CONNECT"),
        [0x23] = ('2', "PUBLISH"),
        [0x26] = ('p', "CONNECT PUBLISH W PUBACK PUBREC PUBREL PUBCOMP SUBSCRIBE UNSUBSCRIBE DISCONNECT AUTH"),
        [0x27] = ('4', "CONNECT"),
    };

    /// <summary>Reads a section; answers the properties as text, in the order of their identifiers.</summary>
    public static (string Text, ILookup<byte, string> Values) Read(Cursor packet, string where)
    {
        var section = new Cursor(packet.Many((int)packet.Variable()));
        var found = new List<(byte Id, string Value)>();
        while (!section.IsAtEnd)
        {
            var id = (byte)section.One();
            if (!s_table.TryGetValue(id, out var property) || !property.In.Split(' ').Contains(where)) throw new MalformedException($"property {id} in {where}");
            var value = property.Type switch
            {
                'b' => section.One() is <= 1 and var flag ? $"{flag}" : throw new MalformedException("a flag above 1"),
                '2' => $"{section.Two()}",
                '4' => $"{section.Four()}",
                'v' => $"{section.Variable()}",
                's' => section.Text(),
                'x' => Convert.ToHexString(section.Binary()),
                _ => section.Text() + "=" + section.Text(),
            };
            var mayRepeat = id == 0x26 || (id == 0x0B && where == "PUBLISH");
            if (!mayRepeat && found.Any(f => f.Id == id)) throw new MalformedException($"property {id} twice");
            if (id is 0x21 or 0x27 or 0x0B or 0x23 && value == "0") throw new MalformedException($"property {id} is 0");
            if (id == 0x08 && (value.Length == 0 || value.Contains('+', StringComparison.Ordinal) || value.Contains('#', StringComparison.Ordinal))) throw new MalformedException("response topic");
            found.Add((id, value));
        }

        var values = found.ToLookup(f => f.Id, f => f.Value);
        if (values.Contains(0x16) && !values.Contains(0x15)) throw new MalformedException("authentication data without a method");
        return (string.Join(";", found.OrderBy(f => f.Id).Select(f => $"{f.Id:x2}:{f.Value}")), values);
    }
}
