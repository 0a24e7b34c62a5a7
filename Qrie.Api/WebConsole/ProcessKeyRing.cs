using System.Collections.Concurrent;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace Qrie.Api.WebConsole;

/// <summary>Keeps the keys of cookies and forms in memory: they end with the process and are in no file.</summary>
internal sealed class ProcessKeyRing : IXmlRepository, IXmlEncryptor, IXmlDecryptor
{
    private readonly ConcurrentQueue<XElement> _elements = new();

    public IReadOnlyCollection<XElement> GetAllElements() => [.. _elements.Select(e => new XElement(e))];

    public void StoreElement(XElement element, string friendlyName) => _elements.Enqueue(new XElement(element));

    /// <summary>Memory needs no encryption; without this a warning about plain files would be logged.</summary>
    public EncryptedXmlInfo Encrypt(XElement plaintextElement) => new(new XElement(plaintextElement), typeof(ProcessKeyRing));

    public XElement Decrypt(XElement encryptedElement) => new(encryptedElement);
}
