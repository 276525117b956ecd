#include "controller/clients/sql/client.hpp"

#include "controller/clients/sql/console.hpp"
#include "libs/certificates/certificates.hpp"

#include <utility>

namespace chatflow::sql {

awaitable<std::vector<Rows>> Client::run(Server server, std::vector<std::string> statements,
                                         Deadline deadline) {
    auto work = [server = std::move(server), statements = std::move(statements), deadline] {
        Console console(server, Trust::Verified, deadline);
        std::vector<Rows> all;
        for (const std::string& statement : statements) {
            all.push_back(console.run(statement, deadline));
        }
        return all;
    };
    co_return co_await threads_.run(std::move(work));
}

awaitable<std::string> Client::shown_certificate(Server server, Deadline deadline) {
    auto work = [server = std::move(server), deadline] {
        const Console console(server, Trust::Anyone, deadline);
        const auto facts = certificates::facts_of(console.certificate());
        if (!facts) throw Error("the server shows no certificate");
        return facts->fingerprint;
    };
    co_return co_await threads_.run(std::move(work));
}

}  // namespace chatflow::sql
