#pragma once

#include "controller/api/core/pod.hpp"
#include "controller/api/postgres_topology_codec.hpp"
#include "controller/clients/kube/client.hpp"
#include "controller/clients/patroni/client.hpp"
#include "controller/clients/pooler/client.hpp"
#include "controller/clients/sql/client.hpp"
#include "controller/domain/postgres/backup.hpp"
#include "controller/domain/postgres/server_use.hpp"
#include "controller/domain/postgres/status.hpp"
#include "controller/domain/tls/kept.hpp"
#include "controller/reconcilers/postgres/exported_metrics.hpp"
#include "controller/reconcilers/postgres/observed.hpp"
#include "controller/runtime/event_recorder.hpp"
#include "controller/runtime/reconciler.hpp"
#include "controller/runtime/store.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace chatflow {

/// Brings PostgresTopologies to what their specs say, one step at a time. Never elects a primary.
class PostgresReconciler final : public runtime::Reconciler {
 public:
    struct Parts {
        const runtime::Store<api::PostgresTopology>& topologies;
        const runtime::Store<api::Pod>& pods;
        kube::Client& kube;
        patroni::Client& patroni;
        sql::Client& sql;
        pooler::Client& pooler;
        runtime::EventRecorder& events;
        PostgresMetrics& exported;
        Clock& clock;
        std::string image;         // where a topology names none
        std::string pooler_image;  // the same, of its pooler
        tls::Policy certificates{};
    };
    explicit PostgresReconciler(Parts parts) : parts_(std::move(parts)) {}

    [[nodiscard]] awaitable<runtime::Action> reconcile(api::ObjectKey key, Deadline deadline,
                                                       Log log) override;

 private:
    /// An object that the API server did not take.
    struct Refusal {
        std::size_t hash = 0;
        TimePoint at{};
        std::string words;
    };
    /// What the cache may not show yet, and what was applied when.
    struct Memory {
        std::string uid;
        api::PostgresTopologyStatus status;
        bool is_unwritten = false;
        std::map<std::string, std::size_t> applied;  // hash of each object, by path
        TimePoint applied_at{};
        std::map<std::string, Refusal> refused;  // objects, by path
        std::int64_t grown_generation = -1;
        TimePoint grown_at{};
        std::vector<std::string> not_grown;  // volumes, in the API server's words
        TimePoint looked_at_backups{};
        TimePoint prepared_at{};
        std::int64_t prepared_generation = -1;
        std::string lookup_password;                         // that the primary has been given
        std::map<std::string, TimePoint> certificates_read;  // by pod: told to, the last time
        std::vector<std::string> outdated;                   // pods that show another certificate
        TimePoint looked_at_certificates{};
        TimePoint looked_for_indexes{};
        TimePoint looked_at_servers{};
        std::map<std::string, postgres::ServerUse> uses;  // of those that answered, by name
    };

    // gather.cpp
    awaitable<std::optional<ObservedTopology>> gather(api::ObjectKey key, Deadline deadline);
    awaitable<void> read_sets(ObservedTopology& seen, Deadline deadline);
    awaitable<void> read_passwords(ObservedTopology& seen, Deadline deadline);
    awaitable<void> ask_patroni(ObservedTopology& seen, Deadline deadline);
    awaitable<void> ask_primary(ObservedTopology& seen, Deadline deadline);
    awaitable<void> drain_readers(ObservedTopology& seen, Deadline deadline);
    awaitable<void> ask_poolers(ObservedTopology& seen, Deadline deadline);

    // apply.cpp
    /// Does the work, and goes on behind it whatever the API server refuses; that becomes words of
    /// the condition Stalled.
    static awaitable<void> tolerate(ObservedTopology& seen, awaitable<void> work, const Log& log);
    awaitable<void> apply_objects(ObservedTopology& seen, Deadline deadline, const Log& log);
    /// Empty, or why it was refused.
    awaitable<std::string> apply_object(const api::Manifest& manifest, std::string name_space,
                                        Deadline deadline);
    awaitable<void> create_credentials(const api::PostgresTopology& topology, Deadline deadline);
    awaitable<void> grow_volumes(ObservedTopology& seen, Deadline deadline, const Log& log);
    /// Empty, or why it was refused.
    awaitable<std::string> grow_volume(const api::PostgresTopology& topology, std::string name,
                                       Deadline deadline, const Log& log);
    awaitable<void> write_settings(ObservedTopology& seen, Deadline deadline, const Log& log);
    awaitable<void> create_secret(api::Manifest secret, std::string name_space, Deadline deadline);
    awaitable<void> apply_secret(api::Manifest secret, std::string name_space, Deadline deadline);
    awaitable<void> report(const api::PostgresTopology& topology,
                           api::PostgresTopologyStatus status, Deadline deadline, const Log& log);
    void tell(const api::PostgresTopology& topology, const postgres::EventNote& note,
              const Log& log);

    // index_hints.cpp
    awaitable<void> look_for_indexes(ObservedTopology& seen, Deadline deadline, const Log& log);
    awaitable<sql::Rows> rows_of(sql::Server server, std::string question, Deadline deadline,
                                 const Log& log);

    // server_use.cpp
    /// For the metrics, and what archive commands have dropped.
    awaitable<void> look_at_servers(const ObservedTopology& seen, Deadline deadline,
                                    const Log& log);

    // certificates.cpp: of spec.tls
    awaitable<void> read_certificates(ObservedTopology& seen, Deadline deadline);
    /// Renews what is due, has pods read it, and leaves what has come of it in `seen`.
    awaitable<void> keep_certificates(ObservedTopology& seen, Deadline deadline, const Log& log);
    awaitable<void> write_certificates(const ObservedTopology& seen, Deadline deadline);
    /// The pods that do not show the stored certificate.
    awaitable<std::vector<std::string>> load_certificates(const ObservedTopology& seen,
                                                          Deadline deadline);
    awaitable<bool> load_certificate(const ObservedTopology& seen, std::string pod,
                                     std::function<awaitable<std::string>(Deadline)> show,
                                     std::function<awaitable<void>(Deadline)> read,
                                     Deadline deadline);

    // steps.cpp
    /// Empty, or why it was refused.
    awaitable<std::string> carry_out(const ObservedTopology& seen, const postgres::Step& step,
                                     Deadline deadline, const Log& log);
    awaitable<void> change_primary(const ObservedTopology& seen, const postgres::Step& step,
                                   Deadline deadline, const Log& log);

    // pooler.cpp
    awaitable<void> resume_poolers(const ObservedTopology& seen, Deadline deadline, const Log& log);
    awaitable<void> prepare_pooler(const ObservedTopology& seen, Deadline deadline, const Log& log);
    [[nodiscard]] static std::optional<sql::Server> primary_of(const ObservedTopology& seen);
    [[nodiscard]] static sql::Server server_at(const ObservedTopology& seen,
                                               const std::string& address);

    // backups.cpp
    /// Looks at them now and then, begins what is due, and leaves the result in `seen`.
    awaitable<void> look_after_backups(ObservedTopology& seen, Deadline deadline, const Log& log);
    /// Nothing while the primary does not archive yet.
    awaitable<std::optional<postgres::SeenBackups>> see_backups(sql::Server primary,
                                                                std::string stanza,
                                                                Deadline deadline);

    // databases.cpp
    awaitable<void> prepare_databases(const ObservedTopology& seen, Deadline deadline,
                                      const Log& log);
    /// Makes the Secrets that are missing.
    awaitable<std::map<std::string, std::string>> user_passwords(
        const api::PostgresTopology& topology, Deadline deadline);

    // drill.cpp
    awaitable<void> look_after_drill(ObservedTopology& seen, Deadline deadline, const Log& log);
    /// Empty, or why it was refused.
    awaitable<std::string> create_drill(const api::PostgresTopology& topology, std::string name,
                                        Deadline deadline);
    awaitable<void> delete_drill(std::string name_space, std::string name, Deadline deadline);

    Memory& memory_of(const api::PostgresTopology& topology);

    Parts parts_;
    std::map<api::ObjectKey, Memory> memories_;
};

}  // namespace chatflow
