#pragma once

#include "controller/domain/redis/view.hpp"
#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "libs/redis/command.hpp"
#include "libs/redis/reply.hpp"

#include <optional>
#include <string>
#include <vector>

namespace chatflow::redis_topology {

/// Whom we trust to be a server of the topology. One of the two says by whom certificates may be
/// signed, as PEM.
struct Trust {
    std::string ca_file;      // read for each connection, so that a new one is seen
    std::string authorities;  // the text itself
    std::string server_name;  // that every server's certificate is good for
};

/// Who we are to the nodes and Sentinels of one topology.
struct Credentials {
    std::string user;              // empty: the default one
    std::string password;          // empty: none is asked for
    std::optional<Trust> trust{};  // nothing: in the clear
};

/// Sends the commands on a connection of their own and returns the replies, of which some may be
/// errors. Throws redis::Error when there is no answer; the deadline holds for all together.
[[nodiscard]] awaitable<std::vector<redis::Reply>> ask(Endpoint endpoint, Credentials credentials,
                                                       std::vector<redis::Command> commands,
                                                       Deadline deadline);

/// SHA-256 of the certificate that the server shows, as 64 hexadecimal digits; "" without TLS.
/// Throws redis::Error when there is no connection.
[[nodiscard]] awaitable<std::string> shown_certificate(Endpoint endpoint, Credentials credentials,
                                                       Deadline deadline);

/// Has a node read tls.crt, tls.key and ca.crt of that folder, its own, again while it serves.
/// Connections stay. Throws redis::ServerError when they do not go together, and keeps the old
/// ones.
[[nodiscard]] awaitable<void> reread_certificates(Endpoint endpoint, Credentials credentials,
                                                  std::string folder, Deadline deadline);

/// One command whose reply must not be an error; throws redis::ServerError for one.
[[nodiscard]] awaitable<redis::Reply> ask_one(Endpoint endpoint, Credentials credentials,
                                              redis::Command command, Deadline deadline);

}  // namespace chatflow::redis_topology
