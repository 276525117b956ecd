#include "controller/domain/postgres/readers.hpp"

#include "controller/reconcilers/postgres/postgres_reconciler.hpp"

#include <chrono>

namespace chatflow {

namespace {

// Of one pod: the others are asked even so.
constexpr std::chrono::seconds kReaderAnswers{2};

}  // namespace

/// Which read replicas are to go, and how many the StatefulSet keeps until they may.
awaitable<void> PostgresReconciler::drain_readers(ObservedTopology& seen, Deadline deadline) {
    const api::PostgresTopology& topology = seen.topology;
    std::map<std::string, std::int64_t> connections;
    for (const std::string& name :
         postgres::leaving_readers(topology, seen.seen.pods, seen.readers_there)) {
        const auto address = seen.addresses.find(name);
        if (address == seen.addresses.end() || seen.passwords.superuser.empty()) continue;
        try {
            const auto answers = co_await parts_.sql.run(server_at(seen, address->second),
                                                         {postgres::kWhoIsConnected},
                                                         deadline.but_within(kReaderAnswers));
            connections[name] = postgres::clients_of(answers.at(0));
        } catch (const sql::Error&) {
            // It ends, or is not reached: it goes when its time is over.
        }
    }
    auto pool = postgres::reader_pool(topology, seen.seen.pods, seen.readers_there, connections,
                                      parts_.clock.now());
    seen.existing.read_replicas = pool.replicas;
    seen.seen.draining = std::move(pool.draining);
}

}  // namespace chatflow
