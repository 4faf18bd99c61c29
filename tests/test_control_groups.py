"""Limits of control groups, read from folders of made-up files."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.control_groups import cpu_limit, memory_limit

NO_LIMIT = 9223372036854771712
"""What version 1 writes on a machine with pages of 4 KiB."""


class System:
    """A root folder with the files that the kernel would show."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "proc/self").mkdir(parents=True)

    def process(self, groups: str, mounts: str) -> None:
        """What /proc/self says: the groups of this process, and where groups are mounted."""
        (self.root / "proc/self/cgroup").write_text(groups)
        (self.root / "proc/self/mountinfo").write_text(mounts)

    def file(self, path: str, text: str) -> None:
        """One file of a group, ended as the kernel ends it."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(f"{text}\n")


@pytest.fixture
def system(tmp_path: Path) -> System:
    """Without any file of a group."""
    return System(tmp_path)


@pytest.fixture
def version_2(system: System) -> System:
    """A process in a service of a slice."""
    system.process(
        "0::/work.slice/runner.service\n",
        "21 1 0:20 / /proc rw,nosuid - proc proc rw\n"
        "31 23 0:28 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n",
    )
    return system


@pytest.fixture
def version_1(system: System) -> System:
    """A process in a container that shows its own group as the mounted one."""
    system.process(
        "5:memory:/docker/ab12\n4:cpu,cpuacct:/docker/ab12\n0::/\n",
        "32 31 0:29 /docker/ab12 /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n"
        "35 31 0:32 /docker/ab12 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
    )
    return system


class TestCpuLimit:
    def test_the_groups_own_quota_is_told_in_cores(self, version_2: System) -> None:
        """Quota ÷ period, not a whole number always."""
        version_2.file("sys/fs/cgroup/work.slice/runner.service/cpu.max", "150000 100000")

        assert cpu_limit(version_2.root) == 1.5

    def test_the_tightest_of_the_groups_and_its_ancestors_holds(self, version_2: System) -> None:
        """Here the slice's, with a period of its own."""
        version_2.file("sys/fs/cgroup/work.slice/runner.service/cpu.max", "400000 100000")
        version_2.file("sys/fs/cgroup/work.slice/cpu.max", "100000 50000")

        assert cpu_limit(version_2.root) == 2.0

    def test_the_quota_of_another_group_does_not_matter(self, version_2: System) -> None:
        """A neighbour in the same slice."""
        version_2.file("sys/fs/cgroup/work.slice/other.service/cpu.max", "10000 100000")

        assert cpu_limit(version_2.root) is None

    def test_no_quota_is_none(self, version_2: System) -> None:
        """Version 2 writes `max`."""
        version_2.file("sys/fs/cgroup/work.slice/runner.service/cpu.max", "max 100000")

        assert cpu_limit(version_2.root) is None

    def test_a_container_sees_its_group_at_the_top(self, system: System) -> None:
        """In a name space of its own the path is `/` and the files lie in the mounted folder itself."""
        system.process("0::/\n", "31 23 0:28 / /sys/fs/cgroup ro - cgroup2 cgroup rw\n")
        system.file("sys/fs/cgroup/cpu.max", "200000 100000")

        assert cpu_limit(system.root) == 2.0

    def test_a_process_that_was_moved_out_of_its_name_space_has_the_mounted_groups_limit(self, system: System) -> None:
        """No folder outside of the mount is read."""
        system.process("0::/../../other\n", "31 23 0:28 / /sys/fs/cgroup ro - cgroup2 cgroup rw\n")
        system.file("sys/fs/cgroup/cpu.max", "200000 100000")
        system.file("sys/other/cpu.max", "100000 100000")

        assert cpu_limit(system.root) == 2.0

    def test_version_1_has_quota_and_period_in_two_files(self, version_1: System) -> None:
        """Below the folder of the controller that shares its mount."""
        version_1.file("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "250000")
        version_1.file("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000")

        assert cpu_limit(version_1.root) == 2.5

    def test_version_1_writes_no_quota_as_minus_one(self, version_1: System) -> None:
        """That is no limit, and not a negative one."""
        version_1.file("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1")
        version_1.file("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000")

        assert cpu_limit(version_1.root) is None

    def test_a_name_with_a_backslash_is_found(self, system: System) -> None:
        """systemd writes a hyphen in a name as `\\x2d`, and mountinfo the backslash as `\\134`."""
        system.process("0::/a\\x2db/inner\n", "31 23 0:28 /a\\134x2db /my\\040groups rw - cgroup2 cgroup2 rw\n")
        system.file("my groups/inner/cpu.max", "300000 100000")

        assert cpu_limit(system.root) == 3.0

    def test_a_system_without_control_groups_has_no_limit(self, tmp_path: Path) -> None:
        """macOS and Windows have none of the files."""
        assert cpu_limit(tmp_path) is None


class TestMemoryLimit:
    def test_the_tightest_of_the_groups_and_its_ancestors_holds(self, version_2: System) -> None:
        """`max` is no limit."""
        version_2.file("sys/fs/cgroup/work.slice/runner.service/memory.max", "max")
        version_2.file("sys/fs/cgroup/work.slice/memory.max", "8589934592")
        version_2.file("sys/fs/cgroup/memory.max", "17179869184")

        assert memory_limit(version_2.root) == 8 * 2**30

    def test_version_1_tells_bytes_too(self, version_1: System) -> None:
        """In another file."""
        version_1.file("sys/fs/cgroup/memory/memory.limit_in_bytes", "2147483648")

        assert memory_limit(version_1.root) == 2**31

    @pytest.mark.parametrize("written", [NO_LIMIT, 2**63 - 65536])
    def test_version_1_writes_no_limit_as_a_huge_one(self, version_1: System, written: int) -> None:
        """How huge depends on the size of a page."""
        version_1.file("sys/fs/cgroup/memory/memory.limit_in_bytes", str(written))

        assert memory_limit(version_1.root) is None

    def test_both_versions_at_once_are_read(self, system: System) -> None:
        """A machine in between has version 1 for memory and version 2 beside it."""
        system.process(
            "4:memory:/job\n0::/\n",
            "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
            "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
        )
        system.file("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "1073741824")

        assert memory_limit(system.root) == 2**30

    def test_a_system_without_control_groups_has_no_limit(self, tmp_path: Path) -> None:
        """macOS and Windows have none of the files."""
        assert memory_limit(tmp_path) is None
