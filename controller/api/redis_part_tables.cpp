#include "controller/api/patterns.hpp"
#include "controller/api/redis_topology_tables.hpp"
#include "libs/base/cron.hpp"

namespace chatflow::api::schema {
namespace {

constexpr std::int32_t kReplicasMax = 12;
constexpr std::int32_t kSentinelsMax = 7;
constexpr std::size_t kUserNameMax = 32;
constexpr std::size_t kRulesMax = 1024;
constexpr std::size_t kResourcesMax = 8;
constexpr std::int32_t kBackupsMax = 365;

constexpr Quantity kStorageMin = Quantity::from_units(std::int64_t{16} << 20U);
constexpr Quantity kStorageMax = Quantity::from_units(std::int64_t{1} << 42U);

constexpr Pattern kPodName{"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$",
                           "the name of a pod: lowercase letters, digits, '-' and '.'"};
constexpr Pattern kRequestId{"^[A-Za-z0-9]([-A-Za-z0-9_.:]*[A-Za-z0-9])?$",
                             "letters, digits, '-', '_', '.' and ':'"};
constexpr Pattern kUserName{"^[a-z]([-a-z0-9]*[a-z0-9])?$", "lowercase letters, digits and '-'"};
// Passwords and hashes are the operator's: no word that begins with > < # ! and none of "nopass".
// Visible characters alone: a line's end would begin another account in the file of users.
constexpr Pattern kRules{
    "^([-+~&%][!-~]*|allkeys|allchannels|allcommands)"
    "( ([-+~&%][!-~]*|allkeys|allchannels|allcommands))*$",
    "rules of keys (~), channels (&) and commands (+ and -), such as "
    "'~cache:* +@read', without passwords"};

constexpr std::size_t kCronMax = 128;
constexpr std::size_t kZoneMax = 64;
// The characters only; Cron::parse() knows the rest.
constexpr Pattern kCron{"^([-0-9A-Za-z*,/]+[ \\t]+){4}[-0-9A-Za-z*,/]+$",
                        "five crontab fields, such as 0 3 * * *"};
constexpr Pattern kZone{"^[A-Za-z][-A-Za-z0-9_+]*(/[-A-Za-z0-9_+]+)*$",
                        "an IANA time zone such as Europe/Berlin"};

}  // namespace

template <>
const Struct<RedisSentinelSpec>& table<RedisSentinelSpec>() {
    using S = RedisSentinelSpec;
    static const Struct<S> kTable{
        "RedisSentinelSpec",
        "The Sentinels, which watch the master and elect another when it is down.",
        {field("instances", &S::instances)
             .default_to(3)
             .between(3, kSentinelsMax)
             .unit("pods")
             .doc("Sentinels; a majority of them has to agree to a failover, so an odd number.")
             .example("3"),
         field("quorum", &S::quorum)
             .default_to(2)
             .between(1, kSentinelsMax)
             .unit("pods")
             .doc("Sentinels that have to find the master down before one asks for votes.")
             .example("2"),
         field("downAfterSeconds", &S::down_after_seconds)
             .default_to(5)
             // A Sentinel asks a master that it has just learned of for the first time after 1 s.
             .between(2, 300)
             .unit("seconds")
             .doc("A master that has not answered for so long is down.")
             .example("5"),
         field("failoverTimeoutSeconds", &S::failover_timeout_seconds)
             .default_to(20)
             .between(5, 600)
             .unit("seconds")
             .doc("A failover that did not get further within this is given up; the next may "
                  "start after twice as long.")
             .example("20")},
        {rule<S>(
             "self.quorum <= self.instances", [](const S& s) { return s.quorum <= s.instances; },
             "quorum", "must be at most instances ({instances}), not {quorum}"),
         rule<S>(
             "self.instances % 2 == 1", [](const S& s) { return s.instances % 2 == 1; },
             "instances",
             "must be 3, 5 or 7, so that a majority survives a cut, not "
             "{instances}")}};
    return kTable;
}

template <>
const Struct<RedisWriteSafety>& table<RedisWriteSafety>() {
    using W = RedisWriteSafety;
    static const Struct<W> kTable{
        "RedisWriteSafety",
        "When the master refuses writes, so that a master that was cut off loses little.",
        {field("minReplicasToWrite", &W::min_replicas_to_write)
             .default_to(1)
             .between(0, kReplicasMax)
             .unit("pods")
             .doc("Replicas in sync without which no write is accepted. 0 turns this off.")
             .example("1"),
         field("maxLagSeconds", &W::max_lag_seconds)
             .default_to(5)
             .between(3, 60)
             .unit("seconds")
             .doc("A replica that answered longer ago is not in sync. The most that is lost when "
                  "a master is cut off.")
             .example("5")}};
    return kTable;
}

template <>
const Struct<RedisStorage>& table<RedisStorage>() {
    using S = RedisStorage;
    static const Struct<S> kTable{
        "RedisStorage",
        "The volume of each node.",
        {field("size", &S::size)
             .default_to(S{}.size)
             .between(kStorageMin, kStorageMax)
             .unit("bytes")
             .doc("At least three times maxmemory, for a rewrite of the append-only file.")
             .example("10Gi"),
         field("className", &S::class_name)
             .size(0, kNameMax)
             .form(kPodName)
             .doc("The StorageClass; without it the cluster's default.")
             .example("fast")}};
    return kTable;
}

template <>
const Struct<RedisResources>& table<RedisResources>() {
    using R = RedisResources;
    static const Struct<R> kTable{"RedisResources",
                                  "Requests and limits of each data node, as in a pod.",
                                  {field("requests", &R::requests)
                                       .size(0, kResourcesMax)
                                       .doc("What is set aside for each node.")
                                       .example("{cpu: 250m, memory: 256Mi}"),
                                   field("limits", &R::limits)
                                       .size(0, kResourcesMax)
                                       .doc("What a node may use at most.")
                                       .example("{memory: 4Gi}")}};
    return kTable;
}

template <>
const Struct<RedisSwitchover>& table<RedisSwitchover>() {
    using S = RedisSwitchover;
    static const Struct<S> kTable{
        "RedisSwitchover",
        "Moves the master once, without the loss of an acknowledged write.",
        {field("requestID", &S::request_id)
             .required()
             .size(1, kLabelMax)
             .form(kRequestId)
             .doc("A new value asks for a new switchover; the same value asks for nothing.")
             .example("maintenance-1"),
         field("target", &S::target)
             .size(0, kNameMax)
             .form(kPodName)
             .doc("The pod that becomes master; without it the replica with the least lag.")
             .example("queue-1")}};
    return kTable;
}

template <>
const Struct<RedisClusterSpec>& table<RedisClusterSpec>() {
    using C = RedisClusterSpec;
    static const Struct<C> kTable{
        "RedisClusterSpec",
        "What only a cluster needs.",
        {field("nodeTimeoutSeconds", &C::node_timeout_seconds)
             .default_to(5)
             .between(1, 300)
             .unit("seconds")
             .doc("A node that has not answered a majority of masters for so long has failed; a "
                  "master that reaches no majority for so long stops to serve.")
             .example("5")}};
    return kTable;
}

template <>
const Struct<RedisUser>& table<RedisUser>() {
    using U = RedisUser;
    static const Struct<U> kTable{
        "RedisUser",
        "An account; the operator makes its password, in the Secret TOPOLOGY-user-NAME.",
        {field("name", &U::name)
             .required()
             .size(1, kUserNameMax)
             .form(kUserName)
             .doc("What a client logs in with.")
             .example("reports"),
         field("rules", &U::rules)
             .required()
             .size(1, kRulesMax)
             .form(kRules)
             .doc("What it may do, as ACL SETUSER takes it: keys, channels and commands. Changed "
                  "while running.")
             .example("\"~report:* +@read\"")},
        {rule<U>(
            "self.name != 'default'", [](const U& u) { return u.name != "default"; }, "name",
            "must not be default: that account has the password of the Secret TOPOLOGY-auth")}};
    return kTable;
}

template <>
const Struct<RedisTlsSpec>& table<RedisTlsSpec>() {
    using T = RedisTlsSpec;
    static const Struct<T> kTable{
        "RedisTlsSpec",
        "Certificates for every connection: of clients, replication, Sentinels and the operator.",
        {field("enabled", &T::enabled)
             .default_to(false)
             .doc("Whether the port of Redis, and that of the Sentinels, speaks TLS. The operator "
                  "makes an authority (Secret TOPOLOGY-ca, key ca.crt for clients) and a "
                  "certificate (Secret TOPOLOGY-tls), and renews both. It cannot be changed.")
             .example("true"),
         field("existingSecret", &T::existing_secret)
             .size(0, kNameMax)
             .form(kObjectName)
             .doc("A Secret of yours with tls.crt, tls.key and ca.crt, as cert-manager writes it; "
                  "without it the operator makes the certificates. It has to be good for "
                  "TOPOLOGY-rw.NAMESPACE.svc (of a cluster TOPOLOGY-cluster.NAMESPACE.svc).")
             .example("queue-certificate"),
         field("plainPort", &T::plain_port)
             .default_to(false)
             .doc("Whether clients may also come in the clear, at port 6380. It cannot be "
                  "changed.")
             .example("false")},
        {rule<T>(
            "self.enabled || (!self.plainPort && (!has(self.existingSecret) || "
            "self.existingSecret == ''))",
            [](const T& t) { return t.enabled || (!t.plain_port && t.existing_secret.empty()); },
            "enabled", "must be true for plainPort and existingSecret to mean anything")}};
    return kTable;
}

template <>
const Struct<RedisBackupSpec>& table<RedisBackupSpec>() {
    using B = RedisBackupSpec;
    static const Struct<B> kTable{
        "RedisBackupSpec",
        "Copies of the data set, taken from replicas, on a volume that outlives the topology.",
        {field("schedule", &B::schedule)
             .size(0, kCronMax)
             .form(kCron)
             .doc("When, as five crontab fields: minute, hour, day of the month, month, day of the "
                  "week. Without it only on demand.")
             .example("\"0 3 * * *\""),
         field("timeZone", &B::time_zone)
             .default_to("UTC")
             .size(1, kZoneMax)
             .form(kZone)
             .doc("The IANA time zone of the schedule.")
             .example("Europe/Berlin"),
         field("keep", &B::keep)
             .default_to(7)
             .between(1, kBackupsMax)
             .unit("backups")
             .doc("How many of the newest are kept.")
             .example("7"),
         field("requestID", &B::request_id)
             .size(0, kLabelMax)
             .form(kRequestId)
             .doc("A new value asks for a backup now; the same value asks for nothing.")
             .example("before-upgrade"),
         field("storage", &B::storage)
             .default_to(RedisStorage{})
             .doc("The volume, claim TOPOLOGY-backup: room for keep + 1 copies.")
             .example("{size: 20Gi}")},
        {rule<B>(
             "!has(self.schedule) || size(self.schedule) > 0",
             [](const B& b) { return b.schedule.empty() || Cron::parse(b.schedule).has_value(); },
             "schedule",
             "must be five crontab fields of which the day comes some time, not {schedule}"),
         rule<B>(
             "size(self.timeZone) > 0",
             [](const B& b) { return find_time_zone(b.time_zone) != nullptr; }, "timeZone",
             "must be an IANA time zone such as Europe/Berlin, not {timeZone}")}};
    return kTable;
}

template <>
const Struct<RedisFromBackup>& table<RedisFromBackup>() {
    using F = RedisFromBackup;
    static const Struct<F> kTable{
        "RedisFromBackup",
        "A backup of a topology in the same namespace, which need not exist any more.",
        {field("topology", &F::topology)
             .required()
             .size(1, kLabelMax)
             .form(kObjectName)
             .doc("Whose backup: the volume is that of the claim TOPOLOGY-backup.")
             .example("queue"),
         field("name", &F::name)
             .size(0, kLabelMax)
             .form(kRequestId)
             .doc("Which backup, as status.backup names it; without it the newest.")
             .example("20261121-030000")}};
    return kTable;
}

template <>
const Struct<RedisBootstrap>& table<RedisBootstrap>() {
    using B = RedisBootstrap;
    static const Struct<B> kTable{
        "RedisBootstrap",
        "Where the first data of a new topology comes from.",
        {field("fromBackup", &B::from_backup)
             .doc("A backup that the first node, of a cluster that of each shard, starts with. One "
                  "of fewer shards is spread over all.")}};
    return kTable;
}

}  // namespace chatflow::api::schema
