#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/async/blocking_pool.hpp"
#include "libs/base/deadline.hpp"

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace chatflow::sql {

/// No connection, no answer in time, or an error of the server, in its words.
struct Error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Whom to ask. Any server that speaks PostgreSQL's protocol: PgBouncer's console, too.
struct Server {
    std::string host;  // an address, or the folder of a socket
    std::uint16_t port = 5432;
    std::string user;
    std::string password;
    std::string database = "postgres";
    /// PEM. Then the server has to show a certificate of one of them that is good for server_name;
    /// without it the connection is in the clear.
    std::string authorities;
    std::string server_name;
};

/// Columns that are NULL are left out.
using Rows = std::vector<std::map<std::string, std::string>>;

/// The operator's own questions: few, short, each on a connection of its own.
class Client {
 public:
    explicit Client(BlockingPool& threads) : threads_(threads) {}

    /// Runs the statements one after the other, each for itself; the rows of each. Ends at the
    /// first error. Throws Error or PoolOverloaded. At the deadline the connection is closed; a
    /// server may still end what it was doing.
    [[nodiscard]] awaitable<std::vector<Rows>> run(Server server,
                                                   std::vector<std::string> statements,
                                                   Deadline deadline);

    /// The fingerprint of the certificate that the server shows, as certificates::Facts has it;
    /// whether anybody trusts it is not asked. Throws as run() does.
    [[nodiscard]] awaitable<std::string> shown_certificate(Server server, Deadline deadline);

 private:
    BlockingPool& threads_;
};

}  // namespace chatflow::sql
