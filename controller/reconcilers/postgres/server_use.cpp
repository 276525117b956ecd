#include "controller/domain/postgres/server_use.hpp"

#include "controller/reconcilers/postgres/postgres_reconciler.hpp"

#include <chrono>
#include <utility>

namespace chatflow {

namespace {

// A look starts a program on each pod.
constexpr std::chrono::seconds kLookPeriod{15};
constexpr std::chrono::seconds kServerAnswers{2};
constexpr std::chrono::seconds kLookTakes{10};  // at all servers together

}  // namespace

awaitable<void> PostgresReconciler::look_at_servers(const ObservedTopology& seen, Deadline deadline,
                                                    const Log& log) {
    if (!seen.seen.cluster || seen.passwords.superuser.empty() ||
        seen.seen.now - memory_of(seen.topology).looked_at_servers < kLookPeriod) {
        co_return;
    }
    const Deadline limit = deadline.but_within(kLookTakes);
    std::map<std::string, postgres::ServerUse> uses;
    for (const api::PatroniMember& member : seen.seen.cluster->members) {
        const auto address = seen.addresses.find(member.name);
        if (address == seen.addresses.end() || !postgres::is_healthy(member)) continue;
        const sql::Server server = server_at(seen, address->second);
        const Deadline step = limit.but_within(kServerAnswers);
        std::string silence;
        try {
            const auto answers = co_await parts_.sql.run(server, postgres::use_statements(), step);
            postgres::ServerUse& use = uses[member.name] = postgres::read_use(answers);
            const auto costs = co_await rows_of(server, postgres::kStatementCosts, step, log);
            use.statements = postgres::read_costs(costs);
        } catch (const sql::Error& error) {
            silence = error.what();
        }
        // What it had is not known any more: no metric rather than an old one.
        if (!silence.empty()) {
            log.debug("What a server uses cannot be seen",
                      {{"instance", member.name}, {"error", silence}});
        }
    }
    Memory& memory = memory_of(seen.topology);
    memory.looked_at_servers = seen.seen.now;
    memory.uses = std::move(uses);
}

}  // namespace chatflow
