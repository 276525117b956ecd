#pragma once

#include "controller/api/redis_topology_codec.hpp"
#include "controller/clients/kube/client.hpp"
#include "controller/clients/redis/ask.hpp"
#include "controller/clients/redis/routes.hpp"
#include "controller/domain/redis/cluster_plan.hpp"
#include "controller/domain/redis/objects.hpp"
#include "controller/domain/redis/plan.hpp"
#include "controller/domain/redis/queue_search.hpp"
#include "controller/domain/redis/status.hpp"
#include "controller/domain/redis/tls.hpp"
#include "controller/reconcilers/redis/exported_metrics.hpp"
#include "controller/runtime/event_recorder.hpp"
#include "controller/runtime/reconciler.hpp"
#include "controller/runtime/store.hpp"
#include "libs/async/clock.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace chatflow {

/// Carries out RedisTopologies. Runs on the leader only; one event loop.
class RedisReconciler final : public runtime::Reconciler {
 public:
    struct Parts {
        const runtime::Store<api::RedisTopology>& topologies;
        kube::Client& kube;
        runtime::EventRecorder& events;
        Clock& clock;
        RedisMetrics& metrics;
        std::string image;  // of nodes and Sentinels where the spec names none
        tls::Policy certificates{};
    };
    explicit RedisReconciler(Parts parts) : parts_(std::move(parts)) {}

    [[nodiscard]] awaitable<runtime::Action> reconcile(api::ObjectKey key, Deadline deadline,
                                                       Log log) override;

 private:
    /// What the cached object may not show yet, and what has been done already.
    struct Memory {
        std::string uid;
        api::RedisTopologyStatus status;             // as it was last written
        std::map<std::string, std::string> applied;  // by plural and name: the JSON
        std::map<std::string, std::string> live;     // by pod uid: fingerprint, and of which run
        std::string password;  // of all servers: who deletes the Secret gets the same again
        std::string users;     // fingerprint of the Secret as it was written
        std::optional<TimePoint> users_written_at;
        std::map<std::string, std::string> users_of_pod;     // by pod uid: likewise
        std::map<std::string, TimePoint> certificates_read;  // by pod uid: told to, the last time
        std::optional<TimePoint> applied_at;                 // all objects
        std::optional<TimePoint> sentinel_reset_at;
        std::optional<TimePoint> queues_sought_at;
        redis_topology::QueueSearch queue_search;
        std::vector<std::string> queues;
    };

    // gather.cpp: every read
    [[nodiscard]] awaitable<redis_topology::Observed> gather(
        const api::RedisTopology& topology, redis_topology::Credentials credentials, Memory& memory,
        Deadline deadline);
    [[nodiscard]] awaitable<std::optional<std::string>> read_password(
        const api::RedisTopology& topology, Deadline deadline);
    [[nodiscard]] awaitable<void> read_pods(const api::RedisTopology& topology,
                                            redis_topology::Observed& seen, Deadline deadline);
    /// Of an earlier topology of this name.
    [[nodiscard]] awaitable<void> read_volumes(const api::RedisTopology& topology,
                                               redis_topology::Observed& seen, Deadline deadline);
    [[nodiscard]] awaitable<redis_topology::StoredRoute> read_write_route(
        const api::RedisTopology& topology, Deadline deadline);
    static void forget_gone_pods(const redis_topology::Observed& seen, Memory& memory);
    [[nodiscard]] awaitable<std::string> read_sentinel_revision(const api::RedisTopology& topology,
                                                                Deadline deadline);
    [[nodiscard]] awaitable<std::vector<redis_topology::Endpoint>> sentinel_addresses(
        const api::RedisTopology& topology, redis_topology::Observed& seen, Deadline deadline);
    [[nodiscard]] awaitable<void> seek_queues(const api::RedisTopology& topology,
                                              redis_topology::Credentials credentials,
                                              redis_topology::Observed& seen, Memory& memory,
                                              Deadline deadline);

    // certificates.cpp: of spec.tls
    /// What the Secrets hold; nothing without spec.tls.
    [[nodiscard]] awaitable<redis_topology::Certificates> read_certificates(
        const api::RedisTopology& topology, Deadline deadline);
    /// Whom the operator trusts. With a Secret of the user's, whose authority may be another one
    /// from one look to the next, also those before: nodes show what they signed until they read
    /// anew.
    [[nodiscard]] awaitable<std::string> trusted_authorities(const api::RedisTopology& topology,
                                                             redis_topology::Certificates stored,
                                                             Deadline deadline);
    /// Makes and renews them, and has the nodes read them; the condition CertificateValid.
    [[nodiscard]] awaitable<std::optional<redis_topology::Verdict>> keep_certificates(
        const api::RedisTopology& topology, redis_topology::Certificates stored,
        redis_topology::Credentials credentials, const redis_topology::Observed& seen,
        Memory& memory, Deadline deadline, Log log);
    [[nodiscard]] awaitable<void> write_certificates(const api::RedisTopology& topology,
                                                     redis_topology::Certificates made,
                                                     Deadline deadline);
    /// The pods that do not show the stored certificate.
    [[nodiscard]] awaitable<std::vector<std::string>> load_certificates(
        const redis_topology::Certificates& stored, redis_topology::Credentials credentials,
        const redis_topology::Observed& seen, Memory& memory, Deadline deadline);

    // backups.cpp: Jobs that copy the data set, and bring it to a new topology
    [[nodiscard]] awaitable<void> read_jobs(const api::RedisTopology& topology,
                                            redis_topology::Observed& seen, Deadline deadline);
    [[nodiscard]] awaitable<void> keep_backups(const api::RedisTopology& topology,
                                               const redis_topology::Observed& seen, Memory& memory,
                                               redis_topology::Outcome& outcome, Deadline deadline,
                                               const Log& log);
    [[nodiscard]] awaitable<void> bring_first_data(const api::RedisTopology& topology,
                                                   const redis_topology::Observed& seen,
                                                   Deadline deadline, const Log& log);

    // cluster.cpp: the story of mode Cluster
    [[nodiscard]] awaitable<runtime::Action> reconcile_cluster(
        api::RedisTopology topology, redis_topology::Credentials credentials,
        redis_topology::Certificates certificates, bool has_password, Memory& memory,
        Deadline deadline, Log log);
    /// Why it could not be carried out; empty when it was.
    [[nodiscard]] awaitable<std::string> take_in_cluster(const api::RedisTopology& topology,
                                                         redis_topology::ClusterStep step,
                                                         redis_topology::Credentials credentials,
                                                         const redis_topology::Observed& seen,
                                                         Memory& memory, Deadline deadline,
                                                         Log log);

    // users.cpp: accounts beside the default one
    /// What a node refused of them; empty when nothing.
    [[nodiscard]] awaitable<std::string> apply_users(const api::RedisTopology& topology,
                                                     redis_topology::Credentials credentials,
                                                     const redis_topology::Observed& seen,
                                                     Memory& memory, Deadline deadline);
    [[nodiscard]] awaitable<std::vector<std::string>> user_passwords(
        const api::RedisTopology& topology, Deadline deadline);

    // apply.cpp: objects, labels and status
    [[nodiscard]] static std::string make_password();
    /// Tells what the first nodes begin with.
    void tell_beginning(const api::RedisTopology& topology, const redis_topology::Observed& seen,
                        const redis_topology::Ingredients& with, const Log& log);
    /// Whether an object that this process has applied before is another one now.
    [[nodiscard]] awaitable<bool> apply_objects(const api::RedisTopology& topology,
                                                redis_topology::Ingredients with, bool has_password,
                                                Memory& memory, Deadline deadline);
    [[nodiscard]] awaitable<void> remove_unwanted_policy(const api::RedisTopology& topology,
                                                         bool look_again, Memory& memory,
                                                         Deadline deadline);
    [[nodiscard]] awaitable<void> apply_object(const api::RedisTopology& topology,
                                               redis_topology::DesiredObject object,
                                               Deadline deadline);
    [[nodiscard]] awaitable<void> label_pods(const api::RedisTopology& topology,
                                             const redis_topology::Observed& seen,
                                             Deadline deadline);
    [[nodiscard]] awaitable<void> remove_spare_addresses(const api::RedisTopology& topology,
                                                         const redis_topology::Observed& seen,
                                                         redis_topology::PodCounts counts,
                                                         Deadline deadline);
    [[nodiscard]] awaitable<void> write_status(const api::RedisTopology& topology,
                                               api::RedisTopologyStatus status, Memory& memory,
                                               Deadline deadline);
    void tell(const api::RedisTopology& topology, bool is_warning, const std::string& reason,
              const std::string& note, const Log& log);

    // steps.cpp: what nodes and Sentinels are told
    [[nodiscard]] awaitable<std::string> set_live(const api::RedisTopology& topology,
                                                  redis_topology::Credentials credentials,
                                                  const redis_topology::Observed& seen,
                                                  Memory& memory, Deadline deadline);
    /// Why it could not be carried out; empty when it was, or when its outcome is recorded.
    [[nodiscard]] awaitable<std::string> take(const api::RedisTopology& topology,
                                              redis_topology::Step step,
                                              redis_topology::Credentials credentials,
                                              const redis_topology::Observed& seen, Memory& memory,
                                              Deadline deadline, const Log& log);
    [[nodiscard]] awaitable<void> carry_out(const api::RedisTopology& topology,
                                            redis_topology::Step step,
                                            redis_topology::Credentials credentials,
                                            const redis_topology::Observed& seen,
                                            Deadline deadline);
    [[nodiscard]] awaitable<void> remove_pod(const api::RedisTopology& topology, std::string pod,
                                             const redis_topology::Observed& seen,
                                             Deadline deadline);
    [[nodiscard]] awaitable<void> switch_over(const api::RedisTopology& topology,
                                              redis_topology::Step step,
                                              redis_topology::Credentials credentials,
                                              const redis_topology::Observed& seen, Memory& memory,
                                              Deadline deadline, const Log& log);
    /// After all Sentinels lost their memory the agents keep to an epoch that nobody knows.
    [[nodiscard]] awaitable<void> mend_routes(const api::RedisTopology& topology,
                                              const redis_topology::Observed& seen,
                                              redis_topology::StoredRoute write, Deadline deadline,
                                              Log log);
    [[nodiscard]] awaitable<void> lead_writers(const api::RedisTopology& topology,
                                               redis_topology::RoutedPod target, std::int64_t epoch,
                                               Deadline deadline, const Log& log);

    Memory& memory_of(const api::RedisTopology& topology);

    Parts parts_;
    std::map<api::ObjectKey, Memory> memories_;
};

}  // namespace chatflow
