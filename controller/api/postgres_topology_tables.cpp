#include "controller/api/postgres_topology_tables.hpp"

#include "controller/api/parameter_name.hpp"
#include "controller/api/patterns.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace chatflow::api::schema {

namespace {

constexpr std::int32_t kMembersMax = 9;
constexpr std::int32_t kReadReplicasMax = 32;
constexpr std::size_t kFencedMax = 8;
constexpr std::size_t kPodNameMax = 63;
constexpr std::int32_t kDrainSecondsMax = 3600;
constexpr std::size_t kImageMax = 512;
constexpr std::size_t kUsersMax = 32;
// "-read-31" and the longest service name, "-rw-failover", have to fit a DNS label.
constexpr std::size_t kTopologyNameMax = 45;

bool is_not_clear(const std::string& line) {
    const auto end = line.find_first_of(" \t");
    const std::string_view kind = std::string_view(line).substr(0, end);
    return end != std::string::npos && (kind == "hostssl" || kind == "local");
}

bool is_durable(const PostgresTopologySpec& spec) {
    return spec.durability == Durability::None ||
           std::ranges::all_of(spec.postgresql.parameters, [](const auto& parameter) {
               return lower_case(parameter.first) != "synchronous_commit" ||
                      parameter.second == "on" || parameter.second == "remote_apply";
           });
}

bool leaves_enough(const PostgresTopologySpec& spec) {
    const auto fenced = std::ranges::count_if(
        spec.fenced_instances, [](const std::string& name) { return !name.contains("-read-"); });
    return fenced < spec.members - (spec.durability == Durability::Required ? 1 : 0);
}

}  // namespace

template <>
std::span<const Word<Durability>> words() {
    static constexpr Word<Durability> kWords[] = {{Durability::None, "None"},
                                                  {Durability::Preferred, "Preferred"},
                                                  {Durability::Required, "Required"}};
    return kWords;
}

template <>
std::span<const Word<FailoverPreset>> words() {
    static constexpr Word<FailoverPreset> kWords[] = {{FailoverPreset::Safe, "Safe"},
                                                      {FailoverPreset::Default, "Default"},
                                                      {FailoverPreset::Fast, "Fast"}};
    return kWords;
}

template <>
std::span<const Word<PrimaryUpdate>> words() {
    static constexpr Word<PrimaryUpdate> kWords[] = {{PrimaryUpdate::Switchover, "Switchover"},
                                                     {PrimaryUpdate::Restart, "Restart"}};
    return kWords;
}

template <>
const Struct<PostgresTopologySpec>& table<PostgresTopologySpec>() {
    using S = PostgresTopologySpec;
    static const Struct<S> kTable{
        "PostgresTopologySpec",
        "A PostgreSQL primary, its standbys and a pool of read replicas.",
        {field("members", &S::members)
             .default_to(3)
             .between(1, kMembersMax)
             .unit("pods")
             .doc("The primary and the standbys that can take over.")
             .example("3"),
         field("readReplicas", &S::read_replicas)
             .default_to(0)
             .between(0, kReadReplicasMax)
             .unit("pods")
             .doc("Pods that only read: never promoted, never waited for. The scale subresource "
                  "is this.")
             .example("2"),
         field("readReplicaDrainSeconds", &S::read_replica_drain_seconds)
             .default_to(60)
             .between(0, kDrainSecondsMax)
             .unit("seconds")
             .doc("How long a read replica that is scaled away waits for its connections to end, "
                  "out of -ro and -r.")
             .example("300"),
         field("durability", &S::durability)
             .default_to(Durability::Preferred)
             .doc("What an acknowledged write has survived. None: the primary's disk. Preferred: "
                  "a standby's too, while there is one. Required: a standby's too, or it waits.")
             .example("Required"),
         field("failover", &S::failover).doc("When a standby takes over."),
         field("switchover", &S::switchover).doc("A planned change of the primary."),
         field("fencedInstances", &S::fenced_instances)
             .size(0, kFencedMax)
             .each_size(1, kPodNameMax)
             .doc("Pods whose PostgreSQL is stopped until they are taken out here: no writes, no "
                  "reads, no candidate. A primary hands over first.")
             .example("[chat-db-1]"),
         field("paused", &S::paused)
             .default_to(false)
             .doc("The operator leaves the pods alone; Patroni still fails over.")
             .example("false"),
         field("hibernated", &S::hibernated)
             .default_to(false)
             .doc("No pods run; volumes and configuration stay.")
             .example("false"),
         field("storage", &S::storage)
             .default_to(PostgresStorage{})
             .doc("The volume of each pod.")
             .example("{size: 20Gi}"),
         field("postgresql", &S::postgresql).doc("Settings of PostgreSQL."),
         field("pooler", &S::pooler).doc("PgBouncer in front of the primary; without it none."),
         field("tls", &S::tls)
             .default_to(PostgresTls{})
             .doc("Certificates for every connection.")
             .example("{enabled: true}"),
         field("users", &S::users)
             .size(0, kUsersMax)
             .keyed_by({"name"})
             .doc("Roles that may log in. One that is taken away here stays in the database."),
         field("databases", &S::databases)
             .size(0, kUsersMax)
             .keyed_by({"name"})
             .doc("Databases. One that is taken away here stays, with its data."),
         field("backup", &S::backup).doc("Backups and archived WAL; without it none."),
         field("bootstrap", &S::bootstrap).doc("What the first primary begins with."),
         field("healing", &S::healing).doc("When a standby is cloned anew."),
         field("primaryUpdate", &S::primary_update)
             .default_to(PrimaryUpdate::Switchover)
             .doc("How a change reaches the primary: hand over to a standby and restart the old "
                  "primary, or restart it in place.")
             .example("Switchover"),
         field("resources", &S::resources).doc("What each pod requests."),
         field("placement", &S::placement)
             .default_to(Placement{})
             .doc("On which nodes the pods run.")
             .example("{nodes: Required}"),
         field("networkPolicy", &S::network_policy)
             .default_to(true)
             .doc("Whether a NetworkPolicy lets only this namespace reach PostgreSQL, and only "
                  "the members and the operator reach Patroni.")
             .example("true"),
         field("image", &S::image)
             .size(0, kImageMax)
             .doc("Image with PostgreSQL 17 and Patroni 4; without it the one of the operator.")
             .example("registry.example.com/chatflow/postgres-ha:1.0")},
        {rule<S>(
             "self.durability != 'Required' || self.members >= 3",
             [](const S& s) { return s.durability != Durability::Required || s.members >= 3; },
             "members",
             "must be at least 3 for durability Required, not {members}: with two, the loss of "
             "one stops every write; use Preferred or a third member"),
         rule<S>(
             "self.durability == 'None' || self.members >= 2",
             [](const S& s) { return s.durability == Durability::None || s.members >= 2; },
             "members",
             "must be at least 2 for durability Preferred, not {members}; a single member can "
             "only have None"),
         rule<S>(
             "!has(self.fencedInstances) || size(self.fencedInstances.filter(i, "
             "!i.contains('-read-'))) < (self.durability == 'Required' ? self.members - 1 : "
             "self.members)",
             &leaves_enough, "fencedInstances",
             "must leave a member, and two of them for durability Required, as a write waits for a "
             "standby"),
         rule<S>(
             "!has(self.databases) || self.databases.all(d, has(self.users) && "
             "self.users.exists(u, u.name == d.owner))",
             [](const S& s) {
                 return std::ranges::all_of(s.databases, [&](const PostgresDatabase& database) {
                     return std::ranges::contains(s.users, database.owner, &PostgresUser::name);
                 });
             },
             "databases", "must have owners that are in users"),
         rule<S>(
             "!self.tls.required || !has(self.postgresql) || !has(self.postgresql.hba) || "
             "self.postgresql.hba.all(l, l.matches('^(hostssl|local)[ \\\\t]'))",
             [](const S& s) {
                 return !s.tls.required || std::ranges::all_of(s.postgresql.hba, is_not_clear);
             },
             "postgresql.hba",
             "must be lines that begin with hostssl or local while tls.required is set: host lets "
             "clients in without TLS"),
         rule<S>("self.durability == 'None' || !has(self.postgresql) || "
                 "!has(self.postgresql.parameters) || self.postgresql.parameters.all(p, "
                 "p.lowerAscii() != 'synchronous_commit' || self.postgresql.parameters[p] in "
                 "['on', 'remote_apply'])",
                 &is_durable, "postgresql.parameters",
                 "must have synchronous_commit on or remote_apply, or not at all, for durability "
                 "Preferred and Required: with less a write is acknowledged before a standby has "
                 "it on disk"),
         rule<S>(
             "self.tls.enabled == oldSelf.tls.enabled && "
             "(has(self.tls.existingSecret) ? self.tls.existingSecret : '') == "
             "(has(oldSelf.tls.existingSecret) ? oldSelf.tls.existingSecret : '')",
             [](const S&) { return true; }, "tls",
             "cannot be turned on or off, nor get another Secret: make a new topology and restore "
             "into it; required can be changed")}};
    return kTable;
}

template <>
const Struct<PostgresTopology>& table<PostgresTopology>() {
    using T = PostgresTopology;
    static const Struct<T> kTable{
        "PostgresTopology",
        "A PostgreSQL that fails over by itself: a primary, standbys and read replicas.",
        {field("metadata", &T::metadata).required().doc("Name, labels, annotations."),
         field("spec", &T::spec).required().doc("What is wanted."),
         field("status", &T::status)
             .omit_if_new()
             .doc("What was observed; written by the operator.")},
        {rule<T>(
             "size(self.metadata.name) <= 45 && self.metadata.name.matches("
             "'^[a-z]([-a-z0-9]*[a-z0-9])?$')",
             [](const T& t) {
                 return t.metadata.name.size() <= kTopologyNameMax &&
                        !t.metadata.name.contains('.');
             },
             "metadata.name",
             "must be at most 45 lowercase letters, digits and '-', beginning with a letter: "
             "Services are named after it"),
         rule<T>(
             "!has(self.spec.fencedInstances) || self.spec.fencedInstances.all(i, "
             "i.startsWith(self.metadata.name + '-'))",
             [](const T& t) {
                 return std::ranges::all_of(t.spec.fenced_instances, [&](const std::string& name) {
                     return name.starts_with(t.metadata.name + "-");
                 });
             },
             "spec.fencedInstances", "must be names of the topology's own pods"),
         rule<T>(
             "!has(self.spec.switchover) || !has(self.spec.switchover.target) || "
             "self.spec.switchover.target.startsWith(self.metadata.name + '-') && "
             "self.spec.switchover.target.substring(size(self.metadata.name) + 1) in "
             "['0','1','2','3','4','5','6','7','8'] && "
             "int(self.spec.switchover.target.substring(size(self.metadata.name) + 1)) < "
             "self.spec.members",
             [](const T& t) {
                 if (!t.spec.switchover || !t.spec.switchover->target) return true;
                 for (std::int32_t i = 0; i < t.spec.members; ++i) {
                     if (*t.spec.switchover->target == t.metadata.name + "-" + std::to_string(i)) {
                         return true;
                     }
                 }
                 return false;
             },
             "spec.switchover.target",
             "must be a member: the topology's name, '-' and a number below spec.members; read "
             "replicas are never promoted")}};
    return kTable;
}

}  // namespace chatflow::api::schema
