#include "controller/api/patterns.hpp"
#include "controller/api/postgres_topology_tables.hpp"
#include "libs/base/cron.hpp"

namespace chatflow::api::schema {

namespace {

constexpr std::int64_t kExactMax = (std::int64_t{1} << 53) - 1;  // what JSON keeps exact
constexpr std::size_t kWordMax = 64;
constexpr std::size_t kSentenceMax = 1024;
constexpr Quantity kGibi = Quantity::from_units(std::int64_t{1} << 30);
// Four files of WAL.
constexpr Quantity kWalQueueLeast = Quantity::from_units(std::int64_t{64} << 20);
constexpr Quantity kWalQueueMost = Quantity::from_units(std::int64_t{1} << 40);

// All of these go into pgBackRest's configuration.
constexpr Pattern kBucket{"^[a-z0-9][-a-z0-9.]*$", "a bucket's name"};
constexpr Pattern kEndpoint{"^[A-Za-z0-9][-A-Za-z0-9.]*(:[0-9]+)?$",
                            "a host, with a port where it is not 443"};
constexpr Pattern kPrefix{"^/[-A-Za-z0-9_./]*$", "a path that begins with /"};
constexpr Pattern kRegion{"^[a-z0-9][-a-z0-9]*$", "a region such as eu-central-1"};
constexpr Pattern kCrontab{"^[-0-9A-Za-z*,/]+( +[-0-9A-Za-z*,/]+){4}$",
                           "five crontab fields, such as 0 2 * * *"};
constexpr Pattern kAccessMode{"^ReadWrite(Many|Once)$", "ReadWriteMany or ReadWriteOnce"};
constexpr Pattern kRequestId{"^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$",
                             "letters, digits, '-', '_' and '.', such as 2026-11-21-1"};

}  // namespace

template <>
const Struct<PostgresBackupVolume>& table<PostgresBackupVolume>() {
    using V = PostgresBackupVolume;
    static const Struct<V> kTable{
        "PostgresBackupVolume",
        "A volume that every member mounts. It stays when the topology is deleted.",
        {field("claimName", &V::claim_name)
             .size(0, kNameMax)
             .doc("A PersistentVolumeClaim that exists. Without it NAME-backup is made.")
             .example("backups"),
         field("size", &V::size)
             .default_to(Quantity::from_units(std::int64_t{20} << 30))
             .between(Quantity::from_units(std::int64_t{256} << 20),
                      Quantity::from_milli(kGibi.milli() * 65'536))
             .doc("Of the claim that is made.")
             .example("100Gi"),
         field("className", &V::class_name)
             .size(1, kNameMax)
             .form(kObjectName)
             .doc("Its storage class. Without it the cluster's default.")
             .example("nfs"),
         field("accessMode", &V::access_mode)
             .default_to(std::string("ReadWriteMany"))
             .size(1, kWordMax)
             .form(kAccessMode)
             .doc("ReadWriteOnce is enough where all members run on one node.")
             .example("ReadWriteMany")},
        {rule<V>(
             "quantity(string(self.size)).compareTo(quantity(string(oldSelf.size))) >= 0",
             [](const V&) { return true; }, "size",
             "must not shrink: volumes can only grow; name a claim of your own, or a bucket"),
         rule<V>(
             "has(self.className) == has(oldSelf.className) && (!has(self.className) || "
             "self.className == oldSelf.className) && self.accessMode == oldSelf.accessMode",
             [](const V&) { return true; }, "className",
             "and accessMode must stay as they are: name a claim of your own, or a bucket")}};
    return kTable;
}

template <>
const Struct<PostgresObjectStore>& table<PostgresObjectStore>() {
    using S = PostgresObjectStore;
    static const Struct<S> kTable{
        "PostgresObjectStore",
        "A bucket of a store that speaks S3, over TLS.",
        {field("bucket", &S::bucket)
             .required()
             .size(3, kLabelMax)
             .form(kBucket)
             .doc("Name of the bucket, which exists.")
             .example("chat-backups"),
         field("endpoint", &S::endpoint)
             .required()
             .size(1, kNameMax)
             .form(kEndpoint)
             .doc("Host of the store.")
             .example("s3.eu-central-1.amazonaws.com"),
         field("region", &S::region)
             .required()
             .size(1, kLabelMax)
             .form(kRegion)
             .doc("Region that requests are signed for.")
             .example("eu-central-1"),
         field("prefix", &S::prefix)
             .default_to(std::string("/"))
             .size(1, kNameMax)
             .form(kPrefix)
             .doc("Path in the bucket.")
             .example("/postgres"),
         field("credentialsSecret", &S::credentials_secret)
             .required()
             .size(1, kNameMax)
             .form(kObjectName)
             .doc("Secret with the keys access-key and secret-key.")
             .example("s3-credentials"),
         field("pathStyle", &S::path_style)
             .default_to(false)
             .doc("Whether the bucket is in the path, not in the host's name.")
             .example("true"),
         field("verifyTLS", &S::verify_tls)
             .default_to(true)
             .doc("Whether the store's certificate has to be one that the image trusts.")
             .example("true")}};
    return kTable;
}

template <>
const Struct<PostgresRepository>& table<PostgresRepository>() {
    using R = PostgresRepository;
    static const Struct<R> kTable{
        "PostgresRepository",
        "Where backups and archived WAL lie: a volume or a bucket.",
        {field("volume", &R::volume).doc("A volume that every member mounts."),
         field("s3", &R::s3).doc("A bucket.")},
        {rule<R>(
            "has(self.volume) != has(self.s3)",
            [](const R& r) { return r.volume.has_value() != r.s3.has_value(); }, "volume",
            "must be given, or s3 instead: exactly one of the two")}};
    return kTable;
}

template <>
const Struct<PostgresDrill>& table<PostgresDrill>() {
    using D = PostgresDrill;
    static const Struct<D> kTable{
        "PostgresDrill",
        "A restore that is only made to see whether it succeeds: a topology NAME-drill of one "
        "member is restored from the repository, asked, and deleted.",
        {field("requestID", &D::request_id)
             .size(0, kLabelMax)
             .form(kRequestId)
             .doc("A new one asks for a drill now, once.")
             .example("2026-11"),
         field("everyDays", &D::every_days)
             .default_to(0)
             .between(0, 366)
             .unit("days")
             .doc("How often one is made without being asked for; 0: never.")
             .example("30"),
         field("timeoutMinutes", &D::timeout_minutes)
             .default_to(60)
             .between(1, 1440)
             .unit("minutes")
             .doc("When one that has not succeeded has failed.")
             .example("60")}};
    return kTable;
}

template <>
const Struct<PostgresDrillStatus>& table<PostgresDrillStatus>() {
    using D = PostgresDrillStatus;
    static const Struct<D> kTable{
        "PostgresDrillStatus",
        "The restore drill that is under way, or the last one.",
        {field("requestID", &D::request_id).size(0, kWordMax).doc("That asked for it."),
         field("started", &D::started).doc("When it was begun."),
         field("finished", &D::finished).doc("When its outcome was known; missing until then."),
         field("outcome", &D::outcome).size(0, kWordMax).doc("Running, Succeeded or Failed."),
         field("message", &D::message).size(0, kSentenceMax).doc("What was seen, in a sentence."),
         field("lastSucceeded", &D::last_succeeded).doc("When one succeeded last.")}};
    return kTable;
}

template <>
const Struct<PostgresBackup>& table<PostgresBackup>() {
    using B = PostgresBackup;
    static const Struct<B> kTable{
        "PostgresBackup",
        "Backups by pgBackRest, and every WAL file as soon as it is complete.",
        {field("target", &B::target).required().doc("Where they lie."),
         field("schedule", &B::schedule)
             .default_to(std::string("0 2 * * *"))
             .size(1, kWordMax)
             .form(kCrontab)
             .doc("When a backup is made, as five crontab fields, in UTC.")
             .example("\"0 2 * * *\""),
         field("fullEveryDays", &B::full_every_days)
             .default_to(7)
             .between(1, 90)
             .unit("days")
             .doc("Age of a full backup at which the next one is full again; between them only "
                  "what has changed is copied.")
             .example("7"),
         field("retentionFull", &B::retention_full)
             .default_to(2)
             .between(1, 1000)
             .doc("Full backups that are kept, with all that build upon them and the WAL since "
                  "the oldest.")
             .example("2"),
         field("requestID", &B::request_id)
             .size(0, kLabelMax)
             .form(kRequestId)
             .doc("A new one asks for a backup now, once.")
             .example("before-upgrade"),
         field("walQueueMax", &B::wal_queue_max)
             .between(kWalQueueLeast, kWalQueueMost)
             .doc("How much WAL the primary keeps while the repository does not take it. Beyond "
                  "that the oldest is dropped, so that it does not fill the volume, and the "
                  "archive has a hole. Without it a quarter of storage.size.")
             .example("8Gi"),
         field("drill", &B::drill).doc("Restores that are only made to see whether they succeed.")},
        {rule<B>(
            "true", [](const B& b) { return Cron::parse(b.schedule).has_value(); }, "schedule",
            "must be five crontab fields of which the day comes some time, not {schedule}")}};
    return kTable;
}

template <>
const Struct<PostgresRecovery>& table<PostgresRecovery>() {
    using R = PostgresRecovery;
    static const Struct<R> kTable{
        "PostgresRecovery",
        "A backup of another topology.",
        {field("source", &R::source)
             .required()
             .size(1, kLabelMax)
             .form(kDnsLabel)
             .doc("Name of the topology that was backed up.")
             .example("chat-db"),
         field("target", &R::target).required().doc("Where its backups lie."),
         field("targetTime", &R::target_time)
             .style(TimeStyle::AsNeeded)
             .doc("The last moment whose writes are there. Without it all that was archived.")
             .example("\"2026-11-22T03:00:00Z\"")}};
    return kTable;
}

template <>
const Struct<PostgresBootstrap>& table<PostgresBootstrap>() {
    using B = PostgresBootstrap;
    static const Struct<B> kTable{
        "PostgresBootstrap",
        "What the first primary begins with. Looked at once, when there is no data.",
        {field("recovery", &B::recovery).doc("A backup. Without it an empty database.")},
        {rule<B>(
            "has(self.recovery) == has(oldSelf.recovery)", [](const B&) { return true; },
            "recovery", "must stay as it is: make another topology to restore again")}};
    return kTable;
}

template <>
const Struct<PostgresBackupRecord>& table<PostgresBackupRecord>() {
    using R = PostgresBackupRecord;
    static const Struct<R> kTable{
        "PostgresBackupRecord",
        "One backup.",
        {field("label", &R::label).size(0, kWordMax).doc("pgBackRest's name of it."),
         field("type", &R::type).size(0, kWordMax).doc("full, diff or incr."),
         field("started", &R::started).doc("When it began."),
         field("finished", &R::finished).doc("When it was complete."),
         field("sizeBytes", &R::size_bytes)
             .between(0, kExactMax)
             .unit("bytes")
             .doc("Size of the database."),
         field("storedBytes", &R::stored_bytes)
             .between(0, kExactMax)
             .unit("bytes")
             .doc("What it added to the repository.")}};
    return kTable;
}

template <>
const Struct<PostgresArchiveHole>& table<PostgresArchiveHole>() {
    using H = PostgresArchiveHole;
    static const Struct<H> kTable{
        "PostgresArchiveHole",
        "WAL that was dropped, as the repository did not take it. No moment in it can be restored, "
        "and none behind it but with a full backup that has begun since.",
        {field("fromLSN", &H::from_lsn)
             .size(0, kWordMax)
             .doc("Where the missing WAL begins; empty when only a timeline's history is missing.")
             .example("0/3000000"),
         field("toLSN", &H::to_lsn).size(0, kWordMax).doc("Where it ends.").example("0/9000000"),
         field("since", &H::since).doc("When the first of it was dropped."),
         field("until", &H::until).doc("When the last of it was dropped.")}};
    return kTable;
}

template <>
const Struct<PostgresBackupStatus>& table<PostgresBackupStatus>() {
    using S = PostgresBackupStatus;
    static const Struct<S> kTable{
        "PostgresBackupStatus",
        "What pgBackRest and the archiver tell.",
        {field("last", &S::last).doc("The newest backup."),
         field("count", &S::count).between(0, 1'000'000).doc("Backups that are there."),
         field("restorableFrom", &S::restorable_from)
             .doc("The oldest moment that can be restored."),
         field("archivedAt", &S::archived_at).doc("When the last WAL file arrived."),
         field("archiveFailedAt", &S::archive_failed_at).doc("When one did not."),
         field("archiveFailures", &S::archive_failures)
             .between(0, kExactMax)
             .doc("How often one did not, since the primary's statistics began."),
         field("attemptedAt", &S::attempted_at).doc("When the last backup was begun."),
         field("lastRequest", &S::last_request)
             .size(0, kWordMax)
             .doc("spec.backup.requestID that was begun last."),
         field("failure", &S::failure)
             .size(0, kSentenceMax)
             .doc("Why the last attempt failed; empty when it did not."),
         field("archiveHole", &S::archive_hole)
             .doc("WAL that is missing in the repository; goes away with the next full backup."),
         field("drill", &S::drill).doc("The restore drill.")}};
    return kTable;
}

}  // namespace chatflow::api::schema
