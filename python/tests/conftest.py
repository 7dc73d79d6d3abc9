"""Texts to try things on: notices as a crawler finds them, and what they should become."""

import random

import pytest

DIRTY = "各县★,各部门:为做好今年防汛工作★,现将有关事项通知如下★。"
CLEAN = "各县，各部门：为做好今年防汛工作，现将有关事项通知如下。"

WORKS = ["防汛", "抗旱", "供暖", "春耕", "禁烧", "普查", "绿化", "培训", "征兵", "防火", "安全生产", "医疗保障"]
PLACES = ["青山县", "绿水县", "白云县", "红石县", "金沙县", "银河县", "东河县", "西岭县", "南湖县", "北坡县"]
ACTS = ["压实责任", "备足物资", "实行值班", "及时报告", "不得脱岗", "统一调拨", "加强巡查", "落实经费", "广泛宣传"]


def notice(n: int) -> str:
    """A notice of its own: no two numbers give copies."""
    dice = random.Random(n)
    place, work = PLACES[n % len(PLACES)], WORKS[n // len(PLACES) % len(WORKS)]
    lines = [f"{place}人民政府关于做好{work}工作的通知", f"{place[0]}政发〔20{10 + n % 15}〕{n + 1}号", "各乡镇人民政府："]
    for _ in range(6):
        acts = "，".join(dice.sample(ACTS, 4))
        lines.append(f"{dice.choice(PLACES)}{dice.randint(2, 99)}个村要{acts}，投入{dice.randint(10, 9999)}万元。")
    lines.append(f"{place}人民政府")
    return "\n".join(lines)


def spoilt(text: str) -> str:
    """The same notice from a worse site."""
    return text.replace("，", "★,").replace("\n", " ")


@pytest.fixture(scope="session")
def notices() -> list[str]:
    return [notice(n) for n in range(60)]
