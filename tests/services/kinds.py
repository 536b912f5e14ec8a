"""What a service is made of: its package, its files, how it is started, and when it is well.

Packages come from Maven's registry through its ordinary client, once, and are kept; Redis is Debian's. Where they cannot
be had, the program ends with 77, which ctest shows as skipped.
"""

import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile

SKIPPED = 77
MAVEN = "org.apache.maven.plugins:maven-dependency-plugin:2.8"
KAFKA = "3.9.1"
ELASTICSEARCH = {"elasticsearch7": "7.17.29", "elasticsearch8": "8.17.0"}
# One cluster for ever: a broker that is started again finds its own data.
CLUSTER_ID = "c291ay10ZXN0LWNsdXN0ZXI"


def run(command, status=1, **more):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, **more)
    if done.returncode != 0:
        print(f"script/services: {command[0]} ended with {done.returncode}: {(done.stdout + done.stderr)[-2000:]}",
              file=sys.stderr)
        sys.exit(status)


def maven(goal, *arguments):
    run(["mvn", "--quiet", "--batch-mode", f"{MAVEN}:{goal}", *arguments], SKIPPED, timeout=900)


def java_home():
    return os.path.dirname(os.path.dirname(os.path.realpath(shutil.which("java"))))


class Kafka:
    """One node that is broker and controller. `sasl`: a second port, for the user `souk` with the password `secret`."""

    ports = ("port", "sasl", "controller")
    version = f"{KAFKA}-reload4j"  # without which it logs nothing

    def install(self, package):
        pom = package / "pom.xml"
        pom.write_text(f"""<project><modelVersion>4.0.0</modelVersion>
<groupId>souk</groupId><artifactId>kafka</artifactId><version>1</version><dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{KAFKA}</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-reload4j</artifactId><version>1.7.36</version></dependency>
</dependencies></project>
""", encoding="utf-8")
        maven("copy-dependencies", "--file", pom, f"-DoutputDirectory={package / 'jars'}")

    def prepare(self, package, home, ports, as_user):
        user = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_souk="secret";'
        (home / "server.properties").write_text(f"""process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{ports["controller"]}
listeners=PLAINTEXT://127.0.0.1:{ports["port"]},SASL://127.0.0.1:{ports["sasl"]},CONTROLLER://127.0.0.1:{ports["controller"]}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT
listener.name.sasl.sasl.enabled.mechanisms=PLAIN
listener.name.sasl.plain.sasl.jaas.config={user}
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs={home / "data"}
num.partitions=3
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
""", encoding="utf-8")
        (home / "log4j.properties").write_text("""log4j.rootLogger=INFO, stdout
log4j.appender.stdout=org.apache.log4j.ConsoleAppender
log4j.appender.stdout.layout=org.apache.log4j.PatternLayout
log4j.appender.stdout.layout.ConversionPattern=%d %p %m (%c)%n
""", encoding="utf-8")
        if not (home / "data" / "meta.properties").exists():
            run([*self.java(package, home), "kafka.tools.StorageTool", "format", "--config", home / "server.properties",
                 "--cluster-id", CLUSTER_ID], timeout=60, **as_user)

    def java(self, package, home):
        return ["java", "-Xmx512m", f"-Dlog4j.configuration=file:{home / 'log4j.properties'}", "-cp",
                f"{package / 'jars'}/*"]

    def command(self, package, home):
        return [*self.java(package, home), "kafka.Kafka", home / "server.properties"], {}

    def is_well(self, ports):
        """A broker that has joined its cluster names itself in the answer to a request for metadata."""
        body = struct.pack(">hhihi", 3, 1, 7, -1, 0)
        try:
            with socket.create_connection(("127.0.0.1", ports["port"]), 2) as broker:
                broker.sendall(struct.pack(">i", len(body)) + body)
                answer = broker.recv(12)
        except OSError:
            return False
        return len(answer) == 12 and struct.unpack(">iii", answer)[1:] == (7, 1)


class Elasticsearch:
    """One node without security, whose plugins are those of the reduced distribution: none."""

    ports = ("port", "transport")

    def __init__(self, version):
        self.version = version

    def install(self, package):
        name = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{self.version}:zip"
        maven("copy", f"-Dartifact={name}", f"-DoutputDirectory={package}")
        archive = package / f"elasticsearch-{self.version}.zip"
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(package)
            for entry in packed.infolist():
                os.chmod(package / entry.filename, (entry.external_attr >> 16) & 0o777 | 0o444)
        archive.unlink()

    def prepare(self, package, home, ports, as_user):
        del as_user
        folder = self.folder(package)
        for name in ("config", "logs"):
            (home / name).mkdir(exist_ok=True)
        shutil.copy(folder / "config" / "log4j2.properties", home / "config")
        options = (folder / "config" / "jvm.options").read_text(encoding="utf-8")
        (home / "config" / "jvm.options").write_text(options.replace("logs/", f"{home}/logs/"), encoding="utf-8")
        settings = {"cluster.name": "souk", "discovery.type": "single-node", "network.host": "127.0.0.1",
                    "http.port": ports["port"], "transport.port": ports["transport"], "node.store.allow_mmap": False,
                    "cluster.routing.allocation.disk.threshold_enabled": False,
                    "path.data": str(home / "data"), "path.logs": str(home / "logs")}
        if self.version.startswith("8."):
            settings["xpack.security.enabled"] = False
        (home / "config" / "elasticsearch.yml").write_text(
            "".join(f"{name}: {json.dumps(value)}\n" for name, value in settings.items()), encoding="utf-8")

    def folder(self, package):
        return next(path for path in package.iterdir() if path.name.startswith("elasticsearch-") and path.is_dir())

    def command(self, package, home):
        return [self.folder(package) / "bin" / "elasticsearch"], {
            "ES_PATH_CONF": str(home / "config"), "ES_JAVA_HOME": java_home(), "ES_TMPDIR": str(home / "tmp"),
            "ES_JAVA_OPTS": "-Xms512m -Xmx512m"}

    def is_well(self, ports):
        url = f"http://127.0.0.1:{ports['port']}/_cluster/health?wait_for_status=yellow&timeout=1s"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False


class Redis:
    """Debian's server, with what it stores in memory only: counters are worth nothing after a crash."""

    ports = ("port",)
    version = "debian"

    def install(self, package):
        del package
        if shutil.which("redis-server") is None:
            print("script/services: there is no redis-server; script/install --services installs it", file=sys.stderr)
            sys.exit(SKIPPED)

    def prepare(self, package, home, ports, as_user):
        del package, as_user
        (home / "redis.conf").write_text(f"""bind 127.0.0.1
port {ports["port"]}
dir {home}
save ""
appendonly no
daemonize no
""", encoding="utf-8")

    def command(self, package, home):
        del package
        return ["redis-server", home / "redis.conf"], {}

    def is_well(self, ports):
        try:
            with socket.create_connection(("127.0.0.1", ports["port"]), 2) as server:
                server.sendall(b"PING\r\n")
                return server.recv(16) == b"+PONG\r\n"
        except OSError:
            return False


KINDS = {"kafka": Kafka(), "redis": Redis(), **{name: Elasticsearch(version) for name, version in ELASTICSEARCH.items()}}
