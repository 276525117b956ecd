#include "controller/clients/sql/client.hpp"

#include "controller/clients/sql/console.hpp"

#include <utility>

namespace chatflow::sql {

awaitable<std::vector<Rows>> Client::run(Server server, std::vector<std::string> statements,
                                         Deadline deadline) {
    auto work = [server = std::move(server), statements = std::move(statements), deadline] {
        Console console(server, deadline);
        std::vector<Rows> all;
        for (const std::string& statement : statements) {
            all.push_back(console.run(statement, deadline));
        }
        return all;
    };
    co_return co_await threads_.run(std::move(work));
}

}  // namespace chatflow::sql
