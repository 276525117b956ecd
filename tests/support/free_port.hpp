#pragma once

namespace chatflow::test {

/// A TCP port of 127.0.0.1 for a server of this test, from 10000 to 19999: nobody listens on it,
/// the kernel does not give it to an outgoing connection (those begin at 32768), and neither does
/// it give the port 10000 above, where a node of a Redis Cluster has its bus. No other test of this
/// machine gets it while this process runs, not even one in another container on the host network.
[[nodiscard]] int find_free_port();

}  // namespace chatflow::test
