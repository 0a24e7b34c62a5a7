using Qrie.JmesPath;

namespace Qrie.Domain.Catalog;

