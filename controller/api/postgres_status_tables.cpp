#include "controller/api/patterns.hpp"
#include "controller/api/postgres_topology_tables.hpp"

namespace chatflow::api::schema {

namespace {

constexpr std::int64_t kExactMax = (std::int64_t{1} << 53) - 1;  // what JSON keeps exact
constexpr std::int32_t kPodsMax = 64;
constexpr std::int32_t kAttemptsMax = 1'000'000;
constexpr std::size_t kWordMax = 64;
constexpr std::size_t kSentenceMax = 1024;

}  // namespace

template <>
std::span<const Word<InstanceRole>> words() {
    static constexpr Word<InstanceRole> kWords[] = {{InstanceRole::Primary, "Primary"},
                                                    {InstanceRole::SyncStandby, "SyncStandby"},
                                                    {InstanceRole::Standby, "Standby"},
                                                    {InstanceRole::ReadReplica, "ReadReplica"},
                                                    {InstanceRole::Unknown, "Unknown"}};
    return kWords;
}

template <>
const Struct<PostgresInstance>& table<PostgresInstance>() {
    using I = PostgresInstance;
    static const Struct<I> kTable{
        "PostgresInstance",
        "One pod of the topology, as Patroni tells it.",
        {field("name", &I::name).required().size(1, kNameMax).doc("Name of the pod."),
         field("role", &I::role).doc("What it is at present."),
         field("state", &I::state)
             .size(0, kWordMax)
             .doc("Patroni's word: running, streaming, starting, creating replica, …; or fenced."),
         field("timeline", &I::timeline).between(0, kExactMax).doc("Timeline of its WAL."),
         field("lagBytes", &I::lag_bytes)
             .between(0, kExactMax)
             .unit("bytes")
             .doc("How far it is behind the primary; missing while that is not known."),
         field("lsn", &I::lsn)
             .size(0, kWordMax)
             .omit_if_new()
             .doc("How far its WAL reaches, as pg_lsn; missing while that is not known."),
         field("node", &I::node).size(0, kNameMax).doc("Node of the pod."),
         field("pendingRestart", &I::pending_restart)
             .omit_if_new()
             .doc("Whether a parameter waits for a restart."),
         field("brokenSince", &I::broken_since)
             .doc("Since when it has been neither running nor streaming."),
         field("drainingSince", &I::draining_since)
             .doc("Since when this read replica, which is scaled away, has been out of -ro and "
                  "-r.")}};
    return kTable;
}

template <>
const Struct<PostgresAction>& table<PostgresAction>() {
    using A = PostgresAction;
    static const Struct<A> kTable{
        "PostgresAction",
        "Something the operator did.",
        {field("kind", &A::kind)
             .size(0, kWordMax)
             .doc("RestartPod, RestartServer, Switchover or Reinitialize."),
         field("instance", &A::instance).size(0, kNameMax).doc("Which pod it was done to."),
         field("reason", &A::reason).size(0, kSentenceMax).doc("Why, in a sentence."),
         field("at", &A::at).doc("When.")}};
    return kTable;
}

template <>
const Struct<PostgresTransition>& table<PostgresTransition>() {
    using T = PostgresTransition;
    static const Struct<T> kTable{
        "PostgresTransition",
        "A change of the primary.",
        {field("from", &T::from).size(0, kNameMax).doc("The primary before."),
         field("to", &T::to).size(0, kNameMax).doc("The primary since."),
         field("at", &T::at).doc("When it was seen."),
         field("planned", &T::planned)
             .omit_if_new()
             .doc("Whether the operator had asked for it.")}};
    return kTable;
}

template <>
const Struct<PostgresHandover>& table<PostgresHandover>() {
    using H = PostgresHandover;
    static const Struct<H> kTable{
        "PostgresHandover",
        "A handover that was asked of Patroni, written down before it was asked.",
        {field("requestID", &H::request_id)
             .size(0, kWordMax)
             .omit_if_new()
             .doc("spec.switchover.requestID; missing where the operator itself wants it."),
         field("primary", &H::primary).size(0, kNameMax).doc("The pod that was to hand over."),
         field("timeline", &H::timeline)
             .between(0, kExactMax)
             .doc("Its timeline then. It has handed over when another pod leads, or on another "
                  "timeline."),
         field("attempts", &H::attempts)
             .between(0, kAttemptsMax)
             .doc("How often it was asked on that timeline; the pauses between double."),
         field("at", &H::at).doc("When it was asked last.")}};
    return kTable;
}

template <>
const Struct<PostgresServices>& table<PostgresServices>() {
    using S = PostgresServices;
    static const Struct<S> kTable{
        "PostgresServices",
        "Names of the Services.",
        {field("readWrite", &S::read_write).size(0, kNameMax).doc("The primary."),
         field("readOnly", &S::read_only)
             .size(0, kNameMax)
             .doc("Standbys and read replicas within failover.maxLag."),
         field("any", &S::any).size(0, kNameMax).doc("Every ready instance."),
         field("pooler", &S::pooler)
             .size(0, kNameMax)
             .omit_if_new()
             .doc("The primary, through PgBouncer.")}};
    return kTable;
}

template <>
const Struct<PostgresPoolerStatus>& table<PostgresPoolerStatus>() {
    using P = PostgresPoolerStatus;
    static const Struct<P> kTable{
        "PostgresPoolerStatus",
        "What the consoles of PgBouncer tell, all pods together.",
        {field("ready", &P::ready).between(0, kPodsMax).doc("Pods that answer."),
         field("paused", &P::paused).between(0, kPodsMax).doc("Pods that hold transactions."),
         field("clientsActive", &P::clients_active)
             .between(0, kExactMax)
             .doc("Clients that are linked to a server connection or idle."),
         field("clientsWaiting", &P::clients_waiting)
             .between(0, kExactMax)
             .doc("Clients that wait for a server connection."),
         field("servers", &P::servers).between(0, kExactMax).doc("Connections to PostgreSQL."),
         field("maxWaitMilliseconds", &P::max_wait_ms)
             .between(0, kExactMax)
             .unit("milliseconds")
             .doc("How long the first of the clients that wait has been waiting.")}};
    return kTable;
}

template <>
const Struct<PostgresIndexHint>& table<PostgresIndexHint>() {
    using H = PostgresIndexHint;
    static const Struct<H> kTable{
        "PostgresIndexHint",
        "A large table that queries keep reading from end to end: an index may be missing.",
        {field("database", &H::database).size(0, kNameMax).doc("Where the table is."),
         field("table", &H::table).size(0, kSentenceMax).doc("The table, with its schema."),
         field("scans", &H::scans)
             .between(0, kExactMax)
             .doc("How often it was read from end to end since its statistics began."),
         field("rowsPerScan", &H::rows_per_scan)
             .between(0, kExactMax)
             .doc("Rows that each time was read on average."),
         field("sizeBytes", &H::size_bytes)
             .between(0, kExactMax)
             .unit("bytes")
             .doc("Size of the table."),
         field("statement", &H::statement)
             .size(0, kSentenceMax)
             .doc("The statement on it that has taken the most time, without its constants.")}};
    return kTable;
}

template <>
const Struct<PostgresTopologyStatus>& table<PostgresTopologyStatus>() {
    using S = PostgresTopologyStatus;
    static const Struct<S> kTable{
        "PostgresTopologyStatus",
        "What was observed.",
        {field("observedGeneration", &S::observed_generation)
             .between(0, kExactMax)
             .doc("The metadata.generation that this status is about."),
         field("currentPrimary", &S::current_primary)
             .size(0, kNameMax)
             .doc("Pod that holds Patroni's leader lock."),
         field("primarySince", &S::primary_since).doc("Since when it was seen to hold it."),
         field("noPrimarySince", &S::no_primary_since)
             .doc("Since when no pod was seen to hold it."),
         field("timeline", &S::timeline).between(0, kExactMax).doc("Timeline of the primary."),
         field("leaderTransitions", &S::leader_transitions)
             .between(0, kExactMax)
             .doc("Changes of the primary that were seen."),
         field("membersReady", &S::members_ready)
             .size(0, kWordMax)
             .doc("Ready of wanted members, as the column shows it."),
         field("readyMembers", &S::ready_members).between(0, kPodsMax).doc("Ready members."),
         field("readReplicas", &S::read_replicas)
             .between(0, kPodsMax)
             .doc("Pods of the read pool; status of the scale subresource."),
         field("readyReadReplicas", &S::ready_read_replicas)
             .between(0, kPodsMax)
             .doc("Ready pods of the read pool."),
         field("readReplicaSelector", &S::read_replica_selector)
             .size(0, kSentenceMax)
             .doc("Label selector of the read pool, for the scale subresource."),
         field("syncStandbys", &S::sync_standbys)
             .size(0, kPodsMax)
             .each_size(0, kNameMax)
             .doc("Standbys without which no write is acknowledged."),
         field("lagBytesMax", &S::lag_bytes_max)
             .between(0, kExactMax)
             .unit("bytes")
             .doc("The greatest lag that is known."),
         field("instances", &S::instances).size(0, kPodsMax).keyed_by({"name"}).doc("Each pod."),
         field("lastTransition", &S::last_transition).doc("The last change of the primary."),
         field("lastSwitchover", &S::last_switchover)
             .size(0, kWordMax)
             .doc("spec.switchover.requestID that was carried out last."),
         field("handover", &S::handover).doc("The handover that was asked for last."),
         field("cloning", &S::cloning)
             .size(0, kPodsMax)
             .each_size(0, kNameMax)
             .omit_if_new()
             .doc("Pods that a clone was begun for and that have not streamed since: they hold no "
                  "copy yet."),
         field("actions", &S::actions)
             .size(0, kPostgresActionsMax)
             .doc(
                 "What the operator did last, the oldest first: the last ten, and before them what "
                 "its limits still count."),
         field("services", &S::services).doc("Where to connect to."),
         field("pooler", &S::pooler).doc("PgBouncer, where spec.pooler asks for it."),
         field("backups", &S::backups).doc("Backups, where spec.backup asks for them."),
         field("indexHints", &S::index_hints)
             .size(0, kIndexHintsMax)
             .doc("Tables that an index may be missing on, the most rows read first."),
         field("conditions", &S::conditions)
             .size(0, 16)
             .keyed_by({"type"})
             .doc("Ready, Reconciling, Stalled, PrimaryAvailable, SyncReplicationHealthy, "
                  "ReplicasHealthy, BackupHealthy, with spec.tls CertificateValid, Paused.")}};
    return kTable;
}

}  // namespace chatflow::api::schema
